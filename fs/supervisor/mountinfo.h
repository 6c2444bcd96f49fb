// SPDX-License-Identifier: Apache-2.0
// /proc/self/mountinfo (proc(5)): what is mounted where, without asking any filesystem. A dead or
// hung FUSE mount would hang whoever asked it. Parsing is pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fs/base/result.h"

namespace hubfs::supervisor {

struct MountEntry {
    std::string mount_point;  // decoded
    std::string type;         // "fuse.hubfs"
    std::string source;
};

// In the kernel's order: of several mounts at one path the last is on top. Lines that break the
// format are left out.
[[nodiscard]] std::vector<MountEntry> parse_mountinfo(std::string_view text);

// The mount that a look-up of `path` would reach, by exact path; nothing is mounted: nullptr.
[[nodiscard]] const MountEntry* topmost(const std::vector<MountEntry>& mounts,
                                        std::string_view path);

[[nodiscard]] Result<std::vector<MountEntry>> read_mountinfo();

}  // namespace hubfs::supervisor
