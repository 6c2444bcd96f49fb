// SPDX-License-Identifier: Apache-2.0
// Child processes: each dies with us, whatever kills us, and starts with default signals. For the
// supervisor's one thread only.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "fs/base/result.h"

namespace hubfs::supervisor {

// Forks and runs `body` there: it replaces the process or returns its exit code.
[[nodiscard]] Result<pid_t> spawn(std::move_only_function<int()> body);

// The wait status, or nothing when the child is still there at the end of the time.
[[nodiscard]] std::optional<int> wait_for(pid_t pid, std::chrono::milliseconds at_most);

// "exit code 3", "signal 9 (Killed)".
[[nodiscard]] std::string describe_status(int wait_status);

}  // namespace hubfs::supervisor
