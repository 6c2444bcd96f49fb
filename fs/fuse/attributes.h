// SPDX-License-Identifier: Apache-2.0
// Attributes of the tree as the kernel's: modes, blocks, times. Pure.
#pragma once

#include <sys/stat.h>

#include <chrono>

#include "fs/fuse/libfuse.h"
#include "fs/tree/filesystem.h"

namespace hubfs::fuse {

// Everything belongs to whom the daemon runs as; everybody may read.
struct Owner {
    uid_t uid = 0;
    gid_t gid = 0;
};

[[nodiscard]] struct stat to_stat(const tree::Attributes& attributes, Owner owner);

// S_IFDIR, S_IFREG or S_IFLNK.
[[nodiscard]] mode_t file_type(tree::NodeKind kind);

[[nodiscard]] inline double to_seconds(std::chrono::milliseconds valid) {
    return std::chrono::duration<double>(valid).count();
}

// A present name. Node id and inode number are the same persistent number (fs/tree/inode.h), so
// the generation stays 0 and a new daemon needs no table.
[[nodiscard]] fuse_entry_param to_entry(const tree::Attributes& attributes,
                                        std::chrono::milliseconds name_valid, Owner owner);

}  // namespace hubfs::fuse
