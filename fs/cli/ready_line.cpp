// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/ready_line.h"

#include <algorithm>
#include <cstddef>

namespace hubfs::cli {
namespace {

// Where the next word's "=" is, when `text` starts with a name and "=".
std::size_t name_length(std::string_view text) {
    const auto* const end =
        std::ranges::find_if_not(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    const auto length = static_cast<std::size_t>(end - text.begin());
    return length > 0 && length < text.size() && text[length] == '=' ? length : 0;
}

}  // namespace

std::optional<ReadyWords> parse_ready(std::string_view line) {
    constexpr std::string_view kStart = "ready ";
    if (!line.starts_with(kStart)) {
        return std::nullopt;
    }
    line.remove_prefix(kStart.size());
    ReadyWords words;
    while (!line.empty()) {
        const std::size_t length = name_length(line);
        if (length == 0) {
            return std::nullopt;
        }
        std::size_t end = line.find(' ', length);
        while (end != std::string_view::npos && name_length(line.substr(end + 1)) == 0) {
            end = line.find(' ', end + 1);
        }
        words.emplace_back(line.substr(0, length), line.substr(length + 1, end - length - 1));
        line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    }
    return words;
}

std::string ready_text(const ReadyWords& words) {
    std::string line = "ready";
    for (const auto& [name, value] : words) {
        line += " " + name + "=" + value;
    }
    return line + "\n";
}

}  // namespace hubfs::cli
