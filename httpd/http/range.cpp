// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/range.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "httpd/http/headers.h"

namespace httpd::http {

namespace {

using hubfs::ByteRange;

// Digits only. A number too big for 64 bits is as good as the biggest one: it is past every end.
std::optional<std::uint64_t> position(std::string_view text) {
    if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    return parsed.ec == std::errc{} ? value : UINT64_MAX;
}

// One range-spec: nothing when its form is wrong; an empty range when it is unsatisfiable.
std::optional<ByteRange> one_range(std::string_view spec, std::uint64_t size) {
    const auto dash = spec.find('-');
    if (dash == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view first_text = spec.substr(0, dash);
    const std::string_view last_text = spec.substr(dash + 1);
    if (first_text.empty()) {
        const auto suffix = position(last_text);
        if (!suffix) {
            return std::nullopt;
        }
        return ByteRange{size - std::min(*suffix, size), size};
    }
    const auto first = position(first_text);
    const auto last =
        last_text.empty() ? std::optional<std::uint64_t>(UINT64_MAX) : position(last_text);
    if (!first || !last || *last < *first) {
        return std::nullopt;
    }
    if (*first >= size) {
        return ByteRange{};
    }
    return ByteRange{*first, std::min(*last, size - 1) + 1};
}

// Keeps the order of the first mention; joins what overlaps or nearly touches, because a client
// that asks for the same bytes many times would else be an amplifier.
void coalesce(std::vector<ByteRange>& ranges) {
    bool changed = true;
    while (changed) {
        changed = false;
        for (std::size_t i = 0; i < ranges.size() && !changed; ++i) {
            for (std::size_t j = i + 1; j < ranges.size() && !changed; ++j) {
                ByteRange& a = ranges[i];
                const ByteRange& b = ranges[j];
                const std::uint64_t gap = b.first > a.end   ? b.first - a.end
                                          : a.first > b.end ? a.first - b.end
                                                            : 0;
                if (gap < kRangeGapBytes) {
                    a = ByteRange{std::min(a.first, b.first), std::max(a.end, b.end)};
                    ranges.erase(ranges.begin() + static_cast<std::ptrdiff_t>(j));
                    changed = true;
                }
            }
        }
    }
}

}  // namespace

RangeChoice choose_range(std::string_view value, std::uint64_t size_bytes) {
    constexpr std::string_view kUnit = "bytes=";
    if (!istarts_with(value, kUnit)) {
        return {};
    }
    const auto specs = list_members(value.substr(kUnit.size()));
    if (specs.empty() || specs.size() > kRangesMax) {
        return {};
    }
    RangeChoice choice{RangeChoice::Kind::parts, {}};
    for (const std::string_view spec : specs) {
        const auto range = one_range(spec, size_bytes);
        if (!range) {
            return {};  // one malformed range spoils the header (section 14.2: it is ignored)
        }
        if (!range->empty()) {
            choice.parts.push_back(*range);
        }
    }
    if (choice.parts.empty()) {
        choice.kind = RangeChoice::Kind::unsatisfiable;
        return choice;
    }
    coalesce(choice.parts);
    return choice;
}

bool is_resumption(std::string_view value) {
    const auto equals = value.find('=');
    if (equals == std::string_view::npos || !value.ends_with('-')) {
        return false;
    }
    const std::string_view first = value.substr(equals + 1, value.size() - equals - 2);
    return first.find_first_not_of("0123456789") == std::string_view::npos &&
           first.find_first_of("123456789") != std::string_view::npos;
}

std::string content_range(ByteRange range, std::uint64_t size_bytes) {
    return "bytes " + std::to_string(range.first) + "-" + std::to_string(range.end - 1) + "/" +
           std::to_string(size_bytes);
}

std::string unsatisfied_range(std::uint64_t size_bytes) {
    return "bytes */" + std::to_string(size_bytes);
}

}  // namespace httpd::http
