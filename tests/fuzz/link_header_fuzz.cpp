// SPDX-License-Identifier: Apache-2.0
// Any Link header: the next link always leads to ourselves and cannot end the header.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "httpd/http/link.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)httpd::http::parse_links(text);
    if (const auto next = httpd::http::next_link(text, "http://m")) {
        if (!next->starts_with("<http://m/") || !next->ends_with(">; rel=\"next\"") ||
            next->find_first_of("\r\n") != std::string::npos) {
            std::abort();
        }
    }
    return 0;
}
