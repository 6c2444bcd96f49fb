// SPDX-License-Identifier: Apache-2.0
// Starts hubfs-daemon on a mounted descriptor, and the one-off child that looks whether the mount
// answers. For the supervisor's one thread only.
#pragma once

#include <sys/types.h>

#include <string>

#include "fs/base/fd.h"
#include "fs/base/result.h"
#include "fs/supervisor/handover.h"

namespace hubfs::supervisor {

// hubfs-daemon beside our own program. Code::unsupported: it is not there.
[[nodiscard]] Result<std::string> find_daemon();

// A sealed memory file with the configuration, so that every daemon of this mount gets the same
// one, whatever happens to the file on disk.
[[nodiscard]] Result<Fd> seal_config(const std::string& toml);

struct DaemonStart {
    std::string program;
    std::string mount_point;  // shown by ps
    int device = -1;          // these four are lent for the call
    int config = -1;
    int lock = -1;
    int rows = -1;
    Handover handover;
};

struct DaemonProcess {
    pid_t pid = 0;
    Fd channel;
    Fd backing;  // its requests for passthrough
};
[[nodiscard]] Result<DaemonProcess> start_daemon(const DaemonStart& start);

// A child that asks the mount for its root's attributes: exit code 0 when they came. `device` is
// closed there, so that a child stuck in the kernel does not keep the connection alive.
[[nodiscard]] Result<pid_t> start_probe(const std::string& mount_point, int device);

}  // namespace hubfs::supervisor
