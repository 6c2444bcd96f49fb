// SPDX-License-Identifier: Apache-2.0
// Extended attributes by inode number: which rows (xattr_rows.h) an inode has, and the questions
// that reading one may need. user.hub.ref.<name> asks like a lookup of the reference would.
#pragma once

#include <string>
#include <vector>

#include "fs/base/result.h"
#include "fs/tree/node.h"

namespace hubfs::tree {

// no_attribute where there is none; gated and denied for what a repository that is not public
// holds, but not for the attributes of its own directory.
void get_xattr(const Context& context, Ino ino, std::string name, Done<std::string> done);
void list_xattr(const Context& context, Ino ino, Done<std::vector<std::string>> done);

}  // namespace hubfs::tree
