// SPDX-License-Identifier: Apache-2.0
// Mounting and unmounting as an ordinary user, through the setuid helper fusermount3 (Debian:
// fuse3). It needs /dev/fuse to be openable by the user. Bounded in time.
#pragma once

#include <cstdint>
#include <string>

#include "fs/base/fd.h"
#include "fs/base/result.h"

namespace hubfs::supervisor {

// The /dev/fuse descriptor, which the helper sends over the socket that _FUSE_COMMFD names.
// allow_other is left out, with a warning, where /etc/fuse.conf does not allow it.
[[nodiscard]] Result<Fd> mount_by_fusermount(const std::string& path, bool allow_other,
                                             std::uint32_t max_read_bytes);

// Lazily: `fusermount3 -u -z`.
[[nodiscard]] Status unmount_by_fusermount(const std::string& path);

// Whether a line of fuse.conf's text is user_allow_other (mount.fuse3(8)). Pure.
[[nodiscard]] bool allows_other(std::string_view fuse_conf);

}  // namespace hubfs::supervisor
