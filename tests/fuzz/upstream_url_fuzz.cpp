// SPDX-License-Identifier: Apache-2.0
// parse_url and resolve over any bytes: what they accept is written back the same, cannot split a
// request, and curl's own parser sees the same scheme, host and port in it (so the host that we
// check is the host that is asked). Input: a base, a line feed, a reference.
#include <curl/curl.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "fs/upstream/host_list.h"
#include "fs/upstream/signed_urls.h"
#include "fs/upstream/url.h"

namespace {

using hubfs::upstream::Url;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

std::string part_of(CURLU* handle, CURLUPart part) {
    char* text = nullptr;
    require(curl_url_get(handle, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK);
    std::string copy(text);
    curl_free(text);
    return copy;
}

void check(const Url& url) {
    const std::string text = url.to_text();
    require(std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; }));
    require(hubfs::upstream::parse_url(text) == url);
    require(url.target.starts_with('/') && url.port != 0);
    static_cast<void>(hubfs::upstream::expiry_of(url));

    const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> handle(curl_url(), curl_url_cleanup);
    if (curl_url_set(handle.get(), CURLUPART_URL, text.c_str(), CURLU_PATH_AS_IS) != CURLUE_OK) {
        return;  // curl would refuse it: nobody is asked
    }
    require(part_of(handle.get(), CURLUPART_SCHEME) == (url.secure ? "https" : "http"));
    require(part_of(handle.get(), CURLUPART_PORT) == std::to_string(url.port));
    std::string host = part_of(handle.get(), CURLUPART_HOST);
    std::ranges::transform(host, host.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    // curl writes numeric addresses in their usual form ("127.1" as "127.0.0.1").
    const bool numeric =
        host.front() == '[' || host.find_first_not_of("0123456789.") == std::string::npos;
    require(numeric || host == url.host);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t line = std::min(input.find('\n'), input.size());
    const auto base = hubfs::upstream::parse_url(input.substr(0, line));
    if (!base) {
        return 0;
    }
    check(*base);
    const auto next = hubfs::upstream::resolve(*base, input.substr(std::min(line + 1, size)));
    if (next) {
        check(*next);
        static const auto list =
            hubfs::upstream::HostList::parse({"cdn.hf.co", "*.xethub.hf.co", "h:81"});
        const bool allowed = list->allows(*next);
        require(!allowed || next->host == "cdn.hf.co" || next->host == "h" ||
                next->host.ends_with(".xethub.hf.co"));
    }
    return 0;
}
