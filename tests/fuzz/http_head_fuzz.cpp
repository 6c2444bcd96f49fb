// SPDX-License-Identifier: Apache-2.0
// Any bytes as a request head: what our check lets pass must be one message to Beast as well, and
// its body must end where both say.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "httpd/h1/codec.h"
#include "httpd/h1/raw_head.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace h1 = httpd::h1;
    const std::string text(reinterpret_cast<const char*>(data), size);
    h1::HeadFinder finder;
    h1::HeadVerdict verdict;
    const auto end = finder.find(text, verdict);
    if (!end || !verdict.ok()) {
        return 0;
    }
    const std::string_view head = std::string_view(text).substr(0, *end);
    if (!h1::check_head(head).ok()) {
        return 0;
    }
    h1::RequestDecoder decoder;
    const auto request = decoder.head(head);
    if (request && request->body_length && request->headers.has("Transfer-Encoding")) {
        std::abort();
    }
    std::string body;
    (void)decoder.body(std::string_view(text).substr(*end), body);
    if (request && request->body_length && body.size() > *request->body_length) {
        std::abort();
    }
    return 0;
}
