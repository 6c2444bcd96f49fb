// SPDX-License-Identifier: Apache-2.0
// Where an answer came from: X-Cache and Cache-Status (RFC 9211), Proxy-Status (RFC 9209). Every
// response carries exactly one X-Cache and it is true for this request: the worst of ref, document
// and bytes wins.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fs/base/clock.h"

namespace httpd::http {

// In the order from good to bad.
enum class CacheResult : std::uint8_t { hit, revalidated, miss };

[[nodiscard]] constexpr CacheResult worst(CacheResult a, CacheResult b) {
    return std::max(a, b);
}

[[nodiscard]] constexpr std::string_view name_of(CacheResult result) {
    switch (result) {
        case CacheResult::hit: return "HIT";
        case CacheResult::revalidated: return "REVALIDATED";
        case CacheResult::miss: break;
    }
    return "MISS";
}

struct CacheNote {
    CacheResult result = CacheResult::miss;
    std::string status = "detail=local";  // the parameters of our Cache-Status member
    std::string proxy{};                  // the parameters of Proxy-Status, empty: none
    // When what is served was last in step with upstream; of a HIT it becomes Age.
    std::optional<hubfs::Instant> since{};
};

}  // namespace httpd::http
