// SPDX-License-Identifier: Apache-2.0
// Any bytes as upstream's answer and its Location: never a crash, never a redirect to a host that
// is not on a list.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "httpd/h1/codec.h"
#include "httpd/proxy/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace httpd;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    h1::ResponseDecoder decoder(false);
    std::size_t used = 0;
    if (const auto head = decoder.head(text, used); head && *head) {
        std::string body;
        (void)decoder.body(text.substr(used), body);
        (void)proxy::response_headers((*head)->headers, "http://m", false);
    }
    proxy::PolicyConfig config;
    config.upstream = {true, "hub.example", 443, ""};
    config.content_hosts = {*hubfs::parse_host_pattern("*.cdn.example")};
    const auto choice =
        proxy::choose_redirect(config, {true, "hub.example", 443, "/a/b"}, text, true);
    if (choice.what != proxy::Redirect::refuse &&
        (!choice.to.secure || choice.to.port != 443 ||
         (choice.to.host != "hub.example" && !choice.to.host.ends_with(".cdn.example")))) {
        std::abort();
    }
    return 0;
}
