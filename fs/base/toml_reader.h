// SPDX-License-Identifier: Apache-2.0
// TOML text as a flat list of TABLE.KEY entries with their lines. It knows TOML and nothing of our
// options: every well-formed value arrives, also those no option takes. toml_reader.cpp is the one
// file that knows the TOML library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace hubfs {

enum class RawKind : std::uint8_t { text, flag, integer, real, date, list, table };

struct RawValue {
    RawKind kind = RawKind::text;
    std::string text;  // of a text, unescaped
    bool flag = false;
    std::int64_t integer = 0;
    std::vector<RawValue> items;  // of a list
};

struct RawEntry {
    std::string key;  // "http.listen"; without a dot when it stood outside a table
    std::size_t line = 0;
    RawValue value;
};

struct SyntaxMistake {
    std::size_t line = 0;
    std::string reason;
};

inline constexpr std::size_t kTomlBytesMax = std::size_t{1} << 20;

// Entries in the order of the file. The library stops at the first mistake, so there is only one.
[[nodiscard]] std::expected<std::vector<RawEntry>, SyntaxMistake> read_toml(std::string_view text);

// One value alone, as after "key = ".
[[nodiscard]] std::expected<RawValue, SyntaxMistake> read_toml_value(std::string_view text);

// "a text", "an integer", …
[[nodiscard]] std::string_view name_of(RawKind kind);

}  // namespace hubfs
