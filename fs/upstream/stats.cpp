// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/stats.h"

namespace hubfs::upstream {

std::string Stats::to_json(std::uint64_t connections) const {
    const struct {
        const char* name;
        std::uint64_t value;
    } rows[] = {
        {"api_calls", api_calls},
        {"content_ranges", content_ranges},
        {"api_requests", api_requests},
        {"resolve_requests", resolve_requests},
        {"content_requests", content_requests},
        {"api_bytes", api_bytes},
        {"content_bytes", content_bytes},
        {"retries", retries},
        {"redirects", redirects},
        {"signed_reused", signed_reused},
        {"refused", refused},
        {"connections", connections},
    };
    std::string text = "{";
    for (const auto& row : rows) {
        text += '"' + std::string(row.name) + "\":" + std::to_string(row.value) + ',';
    }
    text += "\"failures\":{";
    bool first = true;
    for (std::size_t i = 0; i < failures.size(); ++i) {
        if (const std::uint64_t count = failures[i]; count > 0) {
            text += first ? "\"" : ",\"";
            text += std::string(name_of(static_cast<Code>(i))) + "\":" + std::to_string(count);
            first = false;
        }
    }
    return text + "}}";
}

}  // namespace hubfs::upstream
