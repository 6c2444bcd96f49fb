// SPDX-License-Identifier: Apache-2.0
// What /proc says about other processes (proc(5)). A process may end at any moment: then the
// answers are empty.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace hubfs::cli {

[[nodiscard]] std::vector<pid_t> all_processes();
// 0: unknown.
[[nodiscard]] pid_t parent_of(pid_t pid);
// As ps shows it without arguments, at most 15 bytes.
[[nodiscard]] std::string name_of(pid_t pid);
// Its command line; empty for a zombie.
[[nodiscard]] std::vector<std::string> words_of(pid_t pid);

}  // namespace hubfs::cli
