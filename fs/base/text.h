// SPDX-License-Identifier: Apache-2.0
// Small work on ASCII text that several folders need. Pure; bytes above 0x7f stay as they are.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace hubfs {

// A-Z to a-z, whatever the locale: names of hosts and header fields.
[[nodiscard]] inline std::string ascii_lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

// Without the blanks, tabs and line ends at both ends; the view is of the same text.
[[nodiscard]] inline std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kSpace);
    return first == std::string_view::npos
               ? std::string_view()
               : text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace hubfs
