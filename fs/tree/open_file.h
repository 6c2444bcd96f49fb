// SPDX-License-Identifier: Apache-2.0
// OPEN: the one moment at which a repository's state is always checked, because the kernel never
// answers an open from its own memory (docs/mount_contract.md, "Withdrawal").
#pragma once

#include <memory>

#include "fs/base/result.h"
#include "fs/tree/node.h"

namespace hubfs::tree {

// gated, denied or not_found when the repository stopped being public; is_directory; invalid for a
// symlink.
void open_file(const Context& context, Ino file, Done<std::unique_ptr<Handle>> done);

}  // namespace hubfs::tree
