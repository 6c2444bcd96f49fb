// SPDX-License-Identifier: Apache-2.0
// The line a program prints once it answers: "ready mount=/mnt/hf http=http://127.0.0.1:8080".
// Words are separated by one space; a path with a space in it reaches to the next " NAME=".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubfs::cli {

// Name and value, in the order of the line.
using ReadyWords = std::vector<std::pair<std::string, std::string>>;

// Nothing for a line that is no ready line.
[[nodiscard]] std::optional<ReadyWords> parse_ready(std::string_view line);

// With its final newline.
[[nodiscard]] std::string ready_text(const ReadyWords& words);

}  // namespace hubfs::cli
