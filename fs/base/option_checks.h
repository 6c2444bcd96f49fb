// SPDX-License-Identifier: Apache-2.0
// The limits of each option beyond its type, as one table of key and rule. Pure; private to
// Options.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fs/base/option_values.h"

namespace hubfs {

// The reason against this value, or nothing.
[[nodiscard]] std::optional<std::string> check_option(std::string_view key,
                                                      const OptionValue& value);

// Values of a key whose feature is not built that mean "without it", besides its default.
[[nodiscard]] bool accepted_though_unbuilt(std::string_view key, const OptionValue& value);

// Rules between options, once all of them have values: the key to blame, and why.
[[nodiscard]] std::vector<std::pair<std::string_view, std::string>> check_together(
    const std::map<std::string, OptionValue, std::less<>>& values);

}  // namespace hubfs
