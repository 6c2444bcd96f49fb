// SPDX-License-Identifier: Apache-2.0
// The Range header (RFC 9110 section 14): what part of a representation of known size is to be
// sent. Pure; If-Range and the method are the caller's (http/conditional.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fs/base/hub_types.h"

namespace httpd::http {

// More ranges than this in one request are an attack or a mistake (RFC 9110 section 17.15): the
// header is then ignored and the whole representation sent. Apache's figure.
inline constexpr std::size_t kRangesMax = 200;
// Ranges with a smaller gap than this are sent as one: a part's own head is longer
// (section 15.3.7).
inline constexpr std::uint64_t kRangeGapBytes = 80;

struct RangeChoice {
    enum class Kind : std::uint8_t {
        whole,          // no range, an unknown unit, or a header that is to be ignored: 200
        parts,          // 206: one range, or several for multipart/byteranges
        unsatisfiable,  // 416
    };
    Kind kind = Kind::whole;
    std::vector<hubfs::ByteRange> parts{};  // in the order to be sent; never empty ranges
};

// `value`: the header's value, empty when there is none. Ranges past the end are clamped, those
// that begin past it dropped; overlapping and nearly touching ones are joined.
[[nodiscard]] RangeChoice choose_range(std::string_view value, std::uint64_t size_bytes);

// Whether this is what a client sends that has the beginning and wants the rest: "bytes=N-", N > 0.
[[nodiscard]] bool is_resumption(std::string_view value);

// "bytes 0-99/1234" and "bytes */1234".
[[nodiscard]] std::string content_range(hubfs::ByteRange range, std::uint64_t size_bytes);
[[nodiscard]] std::string unsatisfied_range(std::uint64_t size_bytes);

}  // namespace httpd::http
