// SPDX-License-Identifier: Apache-2.0
// One question to a running program over its control socket: a JSON object in a line, a JSON object
// in a line back. Knows nothing of what is asked.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "fs/base/result.h"

namespace hubfs::cli {

inline constexpr std::chrono::seconds kControlDeadline{5};
inline constexpr std::size_t kControlAnswerMax = std::size_t{4} << 20;

// Code::unreachable when nobody listens, timed_out, invalid for an answer that is too long.
[[nodiscard]] Result<std::string> ask(const std::string& socket_path, std::string_view question);

}  // namespace hubfs::cli
