// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/one_request.h"

#include <algorithm>
#include <array>
#include <exception>
#include <string_view>
#include <utility>

#include "fs/base/text.h"
#include "fs/upstream/curl_handles.h"
#include "fs/upstream/limits.h"

namespace hubfs::upstream {
namespace {

// What curl's callbacks fill in.
struct Receiver {
    OneAnswer answer;
    std::size_t body_max_bytes = 0;
    std::size_t head_bytes = 0;
};

bool take_header(Receiver& receiver, std::string_view line) {
    receiver.head_bytes += line.size();
    if (receiver.head_bytes > kHeadMaxBytes) {
        return false;
    }
    if (line.starts_with("HTTP/")) {  // the head of a 1xx answer came before this one
        receiver.answer.head.fields.clear();
        return true;
    }
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
        receiver.answer.head.fields.emplace_back(ascii_lower(trimmed(line.substr(0, colon))),
                                                 trimmed(line.substr(colon + 1)));
    }
    return true;
}

std::size_t on_header(char* line, std::size_t size, std::size_t n, void* receiver) noexcept {
    try {
        return take_header(*static_cast<Receiver*>(receiver), {line, size * n}) ? size * n : 0;
    } catch (...) {
        return 0;
    }
}

// Returning less than was given ends the exchange: enough was seen.
std::size_t on_body(char* bytes, std::size_t size, std::size_t n, void* receiver) noexcept {
    try {
        auto& to = *static_cast<Receiver*>(receiver);
        const std::size_t room = to.body_max_bytes - to.answer.body.size();
        to.answer.body.append(bytes, std::min(size * n, room));
        to.answer.cut = size * n > room;
        return to.answer.cut ? 0 : size * n;
    } catch (...) {
        return 0;
    }
}

void set_options(CurlEasy& easy, const AskerConfig& config, const OneRequest& request) {
    easy.set(CURLOPT_URL, request.url.to_text().c_str());
    easy.set(CURLOPT_PATH_AS_IS, 1L);
    easy.set(CURLOPT_PROTOCOLS_STR, request.url.secure ? "https" : "http");
    easy.set(CURLOPT_FOLLOWLOCATION, 0L);
    easy.set(CURLOPT_NOSIGNAL, 1L);
    easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (config.proxy) {
        easy.set(CURLOPT_PROXY, config.proxy->c_str());
    }
    if (!config.ca_file.empty()) {
        easy.set(CURLOPT_CAINFO, config.ca_file.c_str());
    }
    easy.set(CURLOPT_USERAGENT, config.user_agent.c_str());
    easy.set(CURLOPT_TIMEOUT_MS, static_cast<long>(config.deadline.count()));
    easy.set(CURLOPT_CONNECTTIMEOUT_MS,
             static_cast<long>(std::min(config.deadline, kConnectTimeout).count()));
    if (request.method == "HEAD") {
        easy.set(CURLOPT_NOBODY, 1L);
    } else if (request.method == "POST") {
        easy.set(CURLOPT_POST, 1L);
        easy.set(CURLOPT_POSTFIELDS, request.body.c_str());
        easy.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    }
}

}  // namespace

Result<OneAnswer> ask_once(const AskerConfig& config, const OneRequest& request) {
    const CurlGlobal global;
    if (!global.ok()) {
        return fail(Code::io, "curl: cannot start");
    }
    CurlHeaders headers;  // before the handle: curl reads it until the handle is gone
    for (const std::string& line : request.headers) {
        if (!headers.append(line)) {
            return fail(Code::io, "curl: no memory for header fields");
        }
    }
    Receiver receiver;
    receiver.body_max_bytes = request.body_max_bytes;
    std::array<char, CURL_ERROR_SIZE> detail{};
    CurlEasy easy;
    set_options(easy, config, request);
    easy.set(CURLOPT_HTTPHEADER, headers.get());
    easy.set(CURLOPT_ERRORBUFFER, detail.data());
    easy.set(CURLOPT_HEADERFUNCTION, &on_header);
    easy.set(CURLOPT_HEADERDATA, static_cast<void*>(&receiver));
    easy.set(CURLOPT_WRITEFUNCTION, &on_body);
    easy.set(CURLOPT_WRITEDATA, static_cast<void*>(&receiver));
    if (const Status ready = easy.status(); !ready) {
        return std::unexpected(ready.error());
    }
    const CURLcode code = curl_easy_perform(easy.get());
    if (code != CURLE_OK && !receiver.answer.cut) {
        return std::unexpected(error_of(code, request.url.host, detail.data()));
    }
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    receiver.answer.head.status = static_cast<int>(status);
    return std::move(receiver.answer);
}

}  // namespace hubfs::upstream
