// SPDX-License-Identifier: Apache-2.0
// Any Range header over any size: parts lie inside the file, are not empty and do not overlap.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "httpd/http/range.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::uint64_t length = 0;
    if (size < sizeof length) {
        return 0;
    }
    std::memcpy(&length, data, sizeof length);
    const std::string_view header(reinterpret_cast<const char*>(data) + sizeof length,
                                  size - sizeof length);
    for (const std::uint64_t of : {length, length % 1000, std::uint64_t{0}}) {
        const auto choice = httpd::http::choose_range(header, of);
        for (std::size_t i = 0; i < choice.parts.size(); ++i) {
            const auto& part = choice.parts[i];
            if (part.empty() || part.end > of) {
                std::abort();
            }
            for (std::size_t k = 0; k < i; ++k) {
                if (part.first < choice.parts[k].end && choice.parts[k].first < part.end) {
                    std::abort();
                }
            }
        }
    }
    return 0;
}
