// SPDX-License-Identifier: Apache-2.0
// The one switch from an Error's code to an errno (docs/errors.md holds the table with reasons).
// Pure. Never ENOENT for an upstream failure: the kernel and programs would believe it.
#pragma once

#include "fs/base/result.h"

namespace hubfs::fuse {

[[nodiscard]] int to_errno(Code code);

}  // namespace hubfs::fuse
