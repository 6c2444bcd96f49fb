// SPDX-License-Identifier: Apache-2.0
// node.run_dir before a node starts in it: that it can be used, and that the hubfs of a node that
// was just killed has left it. Knows the lock file of fs/supervisor/lock.h and nothing else of
// hubfs.
#pragma once

#include <chrono>
#include <string>

#include "fs/base/result.h"

namespace hubfs::cli {

// hubfs drains and unmounts when its parent is killed; it needs about this long at most.
inline constexpr std::chrono::seconds kLeftoverPatience{8};

// Makes the directory and those above it. Code::unsupported, with what to do, when that fails or
// this user cannot write it.
[[nodiscard]] Status usable_run_dir(const std::string& path);

// Returns once nobody holds the directory's lock, or the patience is over. Does not wait for the
// hubfs of a node that lives: its parent is an hf-mirror. Starting decides; this only waits.
void wait_for_leftover(const std::string& path);

}  // namespace hubfs::cli
