// SPDX-License-Identifier: Apache-2.0
// What a value of an option may be: from what stood in the file to a value of the option's type,
// the limits of each key, how a value is written back, and which known name is nearest to a wrong
// one. Pure; private to Options (nobody outside fs/base includes it).
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fs/base/options.h"
#include "fs/base/toml_reader.h"

namespace hubfs {

using OptionValue = std::variant<std::string, bool, std::uint64_t, std::chrono::milliseconds,
                                 std::vector<std::string>>;

// Turns a raw value into the option's type and checks its limits; else the reason against it.
// `bare`: it comes from --set, where a scalar stands for text and one word for a list of one.
[[nodiscard]] std::expected<OptionValue, std::string> option_value(const OptionSpec& spec,
                                                                   const RawValue& raw, bool bare);

// The default, read from the table: a default that is wrong is our own mistake and aborts.
[[nodiscard]] OptionValue default_value(const OptionSpec& spec);

// As TOML: quoted where it needs to be, durations and sizes in their largest exact unit.
[[nodiscard]] std::string to_toml_value(OptionType type, const OptionValue& value);

[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);
[[nodiscard]] std::string size_text(std::uint64_t bytes);

// ", did you mean …?" for a name within two typing mistakes or in another table, else nothing.
[[nodiscard]] std::string suggestion(std::string_view full_key);

// Insertions, deletions, replacements and swaps of neighbours between two names.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace hubfs
