// SPDX-License-Identifier: Apache-2.0
// Listings of directories outside commits. Namespaces and repositories are those in use here, so
// a recursive walk never crawls the Hub; only a repository asks upstream, for its references.
#pragma once

#include <memory>

#include "fs/base/result.h"
#include "fs/tree/node.h"
#include "fs/tree/path.h"

namespace hubfs::tree {

// not_directory for what is a file or a symlink by its spelling.
void list_place(const Context& context, Place place, Done<std::shared_ptr<const Listing>> done);

}  // namespace hubfs::tree
