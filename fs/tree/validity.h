// SPDX-License-Identifier: Apache-2.0
// How long the kernel may keep a name or attributes (docs/mount_contract.md, "Lifetimes"). Pure.
// `expires` is absolute: what is handed to the kernel ends at it and never later.
#pragma once

#include "fs/base/clock.h"
#include "fs/base/result.h"
#include "fs/tree/limits.h"

namespace hubfs::tree {

// What is left until `expires`: 0 when it has passed, kForever at most.
[[nodiscard]] Milliseconds until(Instant expires, Instant now);

// The attributes of a file in a commit: only st_blocks of an incomplete one can change.
[[nodiscard]] Milliseconds file_attributes_valid(bool verified);

// models/<name>: whether it is to be a namespace directory although the question whether a
// repository of that name exists ended with this code. True for "no" and for every failure of
// upstream (the lookup of a repository below tells the truth); false for failures of our own.
[[nodiscard]] bool namespace_despite(Code code);

}  // namespace hubfs::tree
