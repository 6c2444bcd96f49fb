// SPDX-License-Identifier: Apache-2.0
// Mounts the kernel side: opens /dev/fuse, mounts it (root: mount(2); others: fusermount3) and
// answers INIT. Knows nothing of what is served. For the supervisor's one thread only.
//
// Code::unsupported: a prerequisite is missing, and the message says what to do.
#pragma once

#include <string>

#include "fs/base/fd.h"
#include "fs/base/result.h"
#include "fs/supervisor/init.h"

namespace hubfs::supervisor {

struct MountRequest {
    std::string path;         // as resolve_mount_point() gives it
    bool allow_other = true;  // others than the one who mounts may look
    Features features;
};

struct Mounted {
    Fd device;  // requests come here; closing the last copy ends the connection
    InitAnswer init;
};

[[nodiscard]] Result<Mounted> mount_hub(const MountRequest& request);

// Absolute, symlinks followed, without asking whatever is mounted at the path itself.
[[nodiscard]] Result<std::string> resolve_mount_point(const std::string& given);

// Makes the directory (0755) and those above it if they are missing.
[[nodiscard]] Status make_mount_point(const std::string& path);

}  // namespace hubfs::supervisor
