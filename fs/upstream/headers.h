// SPDX-License-Identifier: Apache-2.0
// The header fields of an answer, and the few of them that have a grammar. Pure; fuzzed.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fs/base/hub_types.h"

namespace hubfs::upstream {

// One answer's status and fields, names in lower case, in order.
struct ResponseHead {
    int status = 0;  // 0: none yet
    std::vector<std::pair<std::string, std::string>> fields{};

    // The value when the field is there exactly once.
    [[nodiscard]] std::optional<std::string_view> single(std::string_view name) const;
    // All values joined by ", " (RFC 9110 section 5.3); empty when there is none.
    [[nodiscard]] std::string joined(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const;
};

// Content-Range (RFC 9110 section 14.4): "bytes 0-9/100", "bytes 0-9/*" or "bytes */100".
struct ContentRange {
    std::optional<ByteRange> range{};
    std::optional<std::uint64_t> total_bytes{};
    friend bool operator==(const ContentRange&, const ContentRange&) = default;
};
[[nodiscard]] std::optional<ContentRange> parse_content_range(std::string_view value);

// Content-Length and the like: decimal digits, nothing else.
[[nodiscard]] std::optional<std::uint64_t> parse_length(std::string_view value);

// RateLimit (draft-ietf-httpapi-ratelimit-headers): "api";r=0;t=55, the first item.
struct RateLimit {
    std::uint64_t remaining = 0;
    std::chrono::seconds reset{0};
    friend bool operator==(const RateLimit&, const RateLimit&) = default;
};
[[nodiscard]] std::optional<RateLimit> parse_rate_limit(std::string_view value);

// Retry-After in whole seconds; the form with a date is not used by the Hub and not read.
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(std::string_view value);

}  // namespace hubfs::upstream
