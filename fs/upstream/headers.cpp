// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/headers.h"

#include <algorithm>
#include <charconv>

#include "fs/base/text.h"

namespace hubfs::upstream {

namespace {

// Longer times mean nothing to us and would overflow when they are added to a clock.
constexpr std::uint64_t kSecondsMax = 1ULL << 31;

bool digits_only(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::chrono::seconds> parse_seconds(std::string_view text) {
    const auto number = parse_length(text);
    if (!number) {
        return std::nullopt;
    }
    return std::chrono::seconds(std::min(*number, kSecondsMax));
}

// The first item of a structured field list, that is up to a comma outside of a string.
std::string_view first_item(std::string_view value) {
    bool quoted = false;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] == '"') {
            quoted = !quoted;
        } else if (value[i] == '\\' && quoted) {
            ++i;
        } else if (value[i] == ',' && !quoted) {
            return value.substr(0, i);
        }
    }
    return value;
}

}  // namespace

std::optional<std::string_view> ResponseHead::single(std::string_view name) const {
    std::optional<std::string_view> found;
    for (const auto& [field, value] : fields) {
        if (field == name) {
            if (found) {
                return std::nullopt;
            }
            found = value;
        }
    }
    return found;
}

std::string ResponseHead::joined(std::string_view name) const {
    std::string all;
    for (const auto& [field, value] : fields) {
        if (field == name) {
            all += (all.empty() ? "" : ", ") + value;
        }
    }
    return all;
}

bool ResponseHead::has(std::string_view name) const {
    return std::ranges::any_of(fields, [&](const auto& field) { return field.first == name; });
}

std::optional<std::uint64_t> parse_length(std::string_view value) {
    std::uint64_t number = 0;
    const char* end = value.data() + value.size();
    if (!digits_only(value) || std::from_chars(value.data(), end, number).ec != std::errc{}) {
        return std::nullopt;
    }
    return number;
}

std::optional<ContentRange> parse_content_range(std::string_view value) {
    constexpr std::string_view kUnit = "bytes ";
    if (!value.starts_with(kUnit)) {
        return std::nullopt;
    }
    value.remove_prefix(kUnit.size());
    const std::size_t slash = value.find('/');
    if (slash == std::string_view::npos) {
        return std::nullopt;
    }
    ContentRange result;
    if (const std::string_view total = value.substr(slash + 1); total != "*") {
        result.total_bytes = parse_length(total);
        if (!result.total_bytes) {
            return std::nullopt;
        }
    }
    const std::string_view range = value.substr(0, slash);
    if (range == "*") {
        return result.total_bytes ? std::optional(result) : std::nullopt;
    }
    const std::size_t dash = std::min(range.find('-'), range.size() - 1);
    const auto first = parse_length(range.substr(0, dash));
    const auto last = parse_length(range.substr(dash + 1));
    if (!first || !last || *last < *first || *last == UINT64_MAX ||
        (result.total_bytes && *last >= *result.total_bytes)) {
        return std::nullopt;
    }
    result.range = ByteRange{*first, *last + 1};
    return result;
}

std::optional<RateLimit> parse_rate_limit(std::string_view value) {
    std::string_view item = first_item(value);
    const std::size_t quote = item.rfind('"');  // parameters follow the name
    if (quote != std::string_view::npos) {
        item.remove_prefix(quote + 1);
    }
    std::optional<std::uint64_t> remaining;
    std::chrono::seconds reset{0};
    while (!item.empty()) {
        const std::size_t end = std::min(item.find(';'), item.size());
        const std::string_view parameter = trimmed(item.substr(0, end));
        item.remove_prefix(std::min(end + 1, item.size()));
        if (parameter.starts_with("r=")) {
            remaining = parse_length(parameter.substr(2));
            if (!remaining) {
                return std::nullopt;
            }
        } else if (parameter.starts_with("t=")) {
            const auto seconds = parse_seconds(parameter.substr(2));
            if (!seconds) {
                return std::nullopt;
            }
            reset = *seconds;
        }
    }
    if (!remaining) {
        return std::nullopt;
    }
    return RateLimit{*remaining, reset};
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value) {
    return parse_seconds(trimmed(value));
}

}  // namespace hubfs::upstream
