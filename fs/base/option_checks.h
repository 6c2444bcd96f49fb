// SPDX-License-Identifier: Apache-2.0
// The limits of each option beyond its type, as one table of key and rule. Pure; private to
// Options.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fs/base/option_values.h"

namespace hubfs {

// The reason against this value, or nothing.
[[nodiscard]] std::optional<std::string> check_option(std::string_view key,
                                                      const OptionValue& value);

// Values of a key whose feature is not built that mean "without it", besides its default.
[[nodiscard]] bool accepted_though_unbuilt(std::string_view key, const OptionValue& value);

// A rule between two options that is broken: the key to blame, and why. Where that one has its
// default, the mistake stands where `other` was set.
struct Disagreement {
    std::string_view key;
    std::string_view other;
    std::string reason;
};

// Rules between options, once all of them have values.
[[nodiscard]] std::vector<Disagreement> check_together(
    const std::map<std::string, OptionValue, std::less<>>& values);

}  // namespace hubfs
