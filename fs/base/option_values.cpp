// SPDX-License-Identifier: Apache-2.0
#include "fs/base/option_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "fs/base/option_checks.h"

namespace hubfs {
namespace {

using std::chrono::milliseconds;

template <class N>
struct Unit {
    std::string_view name;
    N factor;
};

constexpr std::uint64_t kMaxMilliseconds = 36525ULL * 24 * 3600 * 1000;  // 100 years

constexpr auto kDurationUnits = std::to_array<Unit<std::uint64_t>>({
    {"d", 86'400'000},
    {"h", 3'600'000},
    {"m", 60'000},
    {"s", 1'000},
    {"ms", 1},
});

constexpr auto kSizeUnits = std::to_array<Unit<std::uint64_t>>({
    {"PiB", 1ULL << 50},
    {"PB", 1'000'000'000'000'000},
    {"TiB", 1ULL << 40},
    {"TB", 1'000'000'000'000},
    {"GiB", 1ULL << 30},
    {"GB", 1'000'000'000},
    {"MiB", 1ULL << 20},
    {"MB", 1'000'000},
    {"KiB", 1ULL << 10},
    {"kB", 1'000},
    {"KB", 1'000},
    {"B", 1},
    {"", 1},
});

struct Quantity {
    std::uint64_t number = 0;
    std::string_view unit;
};

std::optional<Quantity> split_quantity(std::string_view text) {
    Quantity quantity;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, quantity.number);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    quantity.unit = std::string_view(stop, static_cast<std::size_t>(end - stop));
    return quantity;
}

template <class Units>
std::optional<std::uint64_t> scaled(std::string_view text, const Units& units, std::uint64_t max) {
    const auto quantity = split_quantity(text);
    if (!quantity) {
        return std::nullopt;
    }
    for (const auto& unit : units) {
        if (unit.name == quantity->unit) {
            if (quantity->number > max / unit.factor) {
                return std::nullopt;
            }
            return quantity->number * unit.factor;
        }
    }
    return std::nullopt;
}

template <class Units>
std::string largest_exact(std::uint64_t value, const Units& units, std::string_view zero) {
    if (value == 0) {
        return std::string(zero);
    }
    for (const auto& unit : units) {
        if (value % unit.factor == 0) {
            return std::to_string(value / unit.factor) + std::string(unit.name);
        }
    }
    return std::to_string(value);
}

using Converted = std::expected<OptionValue, std::string>;

std::unexpected<std::string> wants(std::string_view what, const RawValue& raw) {
    std::string reason = "wants " + std::string(what) + ", this is ";
    if (raw.kind == RawKind::text) {
        reason += "\"" + raw.text + "\"";
    } else {
        reason += name_of(raw.kind);
    }
    return std::unexpected(std::move(reason));
}

Converted to_flag(const RawValue& raw) {
    if (raw.kind != RawKind::flag) {
        return wants("true or false", raw);
    }
    return raw.flag;
}

Converted to_count(const RawValue& raw) {
    if (raw.kind != RawKind::integer || raw.integer < 0) {
        return wants("a whole number from 0 on", raw);
    }
    return static_cast<std::uint64_t>(raw.integer);
}

Converted to_duration(const RawValue& raw) {
    constexpr std::string_view what = "a duration such as 250ms 10s 5m 1h 14d";
    if (raw.kind == RawKind::integer && raw.integer == 0) {
        return milliseconds(0);
    }
    if (raw.kind != RawKind::text) {
        return wants(what, raw);
    }
    const auto parsed = parse_duration(raw.text);
    if (!parsed) {
        return wants(what, raw);
    }
    return *parsed;
}

Converted to_size(const RawValue& raw) {
    constexpr std::string_view what = "a size such as 1MiB 10GB 4096";
    if (raw.kind == RawKind::integer && raw.integer >= 0) {
        return static_cast<std::uint64_t>(raw.integer);
    }
    if (raw.kind != RawKind::text) {
        return wants(what, raw);
    }
    const auto parsed = parse_size(raw.text);
    if (!parsed) {
        return wants(what, raw);
    }
    return *parsed;
}

Converted to_list(const RawValue& raw, bool bare) {
    std::vector<std::string> list;
    if (bare && raw.kind == RawKind::text) {
        if (!raw.text.empty()) {
            list.push_back(raw.text);
        }
        return list;
    }
    if (raw.kind != RawKind::list) {
        return wants("a list of texts", raw);
    }
    for (const RawValue& item : raw.items) {
        if (item.kind != RawKind::text) {
            return std::unexpected("wants a list of texts, one item is " +
                                   std::string(name_of(item.kind)));
        }
        list.push_back(item.text);
    }
    return list;
}

Converted convert(const OptionSpec& spec, const RawValue& raw, bool bare) {
    switch (spec.type) {
        case OptionType::text:
            if (raw.kind != RawKind::text) {
                return wants("text", raw);
            }
            return raw.text;
        case OptionType::flag: return to_flag(raw);
        case OptionType::count: return to_count(raw);
        case OptionType::duration: return to_duration(raw);
        case OptionType::size: return to_size(raw);
        case OptionType::list: return to_list(raw, bare);
    }
    return std::unexpected("has no type");
}

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;  // control characters never get past check_option
    }
    return out + "\"";
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
    if (text == "0") {
        return milliseconds(0);
    }
    const auto value = scaled(text, kDurationUnits, kMaxMilliseconds);
    if (!value) {
        return std::nullopt;
    }
    return milliseconds(*value);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
    return scaled(text, kSizeUnits, kMax);
}

std::string duration_text(milliseconds duration) {
    return largest_exact(static_cast<std::uint64_t>(duration.count()), kDurationUnits, "0s");
}

std::string size_text(std::uint64_t bytes) {
    return largest_exact(bytes, kSizeUnits, "0");
}

std::expected<OptionValue, std::string> option_value(const OptionSpec& spec, const RawValue& raw,
                                                     bool bare) {
    Converted value = convert(spec, raw, bare);
    if (!value) {
        return value;
    }
    if (auto reason = check_option(spec.key, *value)) {
        return std::unexpected(std::move(*reason));
    }
    if (!spec.unbuilt.empty() && *value != default_value(spec) &&
        !accepted_though_unbuilt(spec.key, *value)) {
        return std::unexpected(std::string(spec.unbuilt) + ": only its default " +
                               std::string(spec.default_value) + " is accepted");
    }
    return value;
}

OptionValue default_value(const OptionSpec& spec) {
    const auto raw = read_toml_value(spec.default_value);
    if (raw) {
        if (auto value = convert(spec, *raw, false)) {
            return std::move(*value);
        }
    }
    std::fprintf(stderr, "options: the default of %s is wrong\n", std::string(spec.key).c_str());
    std::abort();
}

std::string to_toml_value(OptionType type, const OptionValue& value) {
    switch (type) {
        case OptionType::text: return in_quotes(std::get<std::string>(value));
        case OptionType::flag: return std::get<bool>(value) ? "true" : "false";
        case OptionType::count: return std::to_string(std::get<std::uint64_t>(value));
        case OptionType::duration: return in_quotes(duration_text(std::get<milliseconds>(value)));
        case OptionType::size: return in_quotes(size_text(std::get<std::uint64_t>(value)));
        case OptionType::list: break;
    }
    std::string out = "[";
    for (const std::string& item : std::get<std::vector<std::string>>(value)) {
        out += (out.size() > 1 ? ", " : "") + in_quotes(item);
    }
    return out + "]";
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    // Three rows of the usual table: swaps look two rows back.
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        last[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            }
        }
        before_last.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

std::string suggestion(std::string_view full_key) {
    constexpr std::size_t kMistakesMax = 2;
    constexpr std::size_t kNameMax = 100;  // nothing longer is a slip of a known name
    if (full_key.size() > kNameMax) {
        return {};
    }
    const std::size_t dot = full_key.find('.');
    const std::string_view name =
        dot == std::string_view::npos ? full_key : full_key.substr(dot + 1);
    std::string_view best;
    std::size_t best_distance = kMistakesMax + 1;
    for (const OptionSpec& spec : all_options()) {
        std::size_t distance = edit_distance(full_key, spec.key);
        if (spec.key.substr(spec.key.find('.') + 1) == name) {
            distance = std::min(distance, kMistakesMax);  // the right key in the wrong table
        }
        if (distance < best_distance) {
            best_distance = distance;
            best = spec.key;
        }
    }
    return best.empty() ? std::string() : ", did you mean " + std::string(best) + "?";
}

}  // namespace hubfs
