// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/choice.h"

namespace hubfs::doctor {

Choice choose_files(std::span<const hub::TreeEntry> entries) {
    Choice choice;
    for (const hub::TreeEntry& entry : entries) {
        std::optional<FileFact>& best = entry.lfs() ? choice.lfs : choice.small;
        if (!entry.directory && entry.size > 0 && (!best || entry.size < *best->size_bytes)) {
            best = {entry.path, entry.size, entry.lfs() ? entry.lfs_oid : entry.oid, entry.lfs()};
        }
    }
    return choice;
}

}  // namespace hubfs::doctor
