// SPDX-License-Identifier: Apache-2.0
#include "fs/supervisor/unmount.h"

#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "fs/base/log.h"
#include "fs/supervisor/fusermount.h"
#include "fs/supervisor/mountinfo.h"

namespace hubfs::supervisor {

namespace {

// Mounts stack; nobody leaves more than this at one path.
constexpr int kStackMax = 64;

Status unmount(const std::string& path, int flags) {
    if (geteuid() != 0) {
        return unmount_by_fusermount(path);
    }
    // EINVAL: nothing is mounted there (any more), which is what was wanted.
    if (umount2(path.c_str(), flags) != 0 && errno != EINVAL) {
        return fail(Code::io, "unmounting " + path + ": " + std::strerror(errno));
    }
    return {};
}

}  // namespace

Result<bool> mounted_here(const std::string& path) {
    const Result<std::vector<MountEntry>> mounts = read_mountinfo();
    if (!mounts) {
        return std::unexpected(mounts.error());
    }
    const MountEntry* top = topmost(*mounts, path);
    return top != nullptr && top->type == kType;
}

Status detach(const std::string& path) {
    return unmount(path, MNT_DETACH | UMOUNT_NOFOLLOW);
}

Status abort_and_detach(const std::string& path) {
    return unmount(path, MNT_FORCE | MNT_DETACH | UMOUNT_NOFOLLOW);
}

Result<int> clear_stale(const std::string& path) {
    for (int cleared = 0; cleared < kStackMax; ++cleared) {
        const Result<bool> here = mounted_here(path);
        if (!here) {
            return std::unexpected(here.error());
        }
        if (!*here) {
            return cleared;
        }
        if (Status done = abort_and_detach(path); !done) {
            return std::unexpected(std::move(done.error()));
        }
        log::warn("stale_mount_cleared", {{"mount", path}});
    }
    return fail(Code::io, "too many mounts are stacked at " + path);
}

}  // namespace hubfs::supervisor
