// SPDX-License-Identifier: Apache-2.0
// Takes members out of a JSON text without touching any other byte: numbers, escapes and order stay
// as upstream wrote them. Used to hide Xet. Pure; the text is untrusted; fuzzed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace httpd::http {

// Objects and arrays nested deeper than this are refused.
inline constexpr int kJsonDepthMax = 64;

struct Filtered {
    bool changed = false;
    std::string text;  // filled only when something was removed
};

// The text without any member named `name`, at every depth. Nothing when it is not JSON.
[[nodiscard]] std::optional<Filtered> remove_members(std::string_view json, std::string_view name);

// A JSON string with quotes around it.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace httpd::http
