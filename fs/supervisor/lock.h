// SPDX-License-Identifier: Apache-2.0
// One hubfs per run directory and per mount point: a second start must not tear down the first
// one's mount as if it were stale. Locks end with the processes that hold them.
#pragma once

#include <string>

#include "fs/base/fd.h"
#include "fs/base/result.h"

namespace hubfs::supervisor {

// Makes the directory if need be. The daemon inherits the descriptor: the directory is in use until
// both are gone. Code::unsupported: it cannot be made or written, or another hubfs holds it.
[[nodiscard]] Result<Fd> lock_run_dir(const std::string& run_dir);

// For hubfs with different run directories: a name in the kernel's abstract socket space.
// `mounted`: our type is mounted there now. Without it, a name that is taken protects nothing and
// an invalid Fd is returned. Code::unsupported: another hubfs has mounted it.
[[nodiscard]] Result<Fd> claim_mount_point(const std::string& path, bool mounted);

}  // namespace hubfs::supervisor
