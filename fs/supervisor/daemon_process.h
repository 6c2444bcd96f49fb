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

// Where hubfs-daemon is: beside our own program.
[[nodiscard]] Result<std::string> find_daemon();

// That program as it is now, to be started any number of times, whatever is installed in its place
// meanwhile. Code::unsupported: it is not there or cannot be run.
[[nodiscard]] Result<Fd> open_program(const std::string& path);

// A sealed memory file with the configuration, so that every daemon of this mount gets the same
// one, whatever happens to the file on disk.
[[nodiscard]] Result<Fd> seal_config(const std::string& toml);

struct DaemonStart {
    std::string mount_point;  // shown by ps
    int program = -1;         // these five are lent for the call
    int device = -1;
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
