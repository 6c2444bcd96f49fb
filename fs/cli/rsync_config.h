// SPDX-License-Identifier: Apache-2.0
// The configuration of the stock rsync daemon over our mount, as text. Pure. Each option's reason
// stands in docs/rsync.md.
#pragma once

#include <string>

#include "fs/base/result.h"

namespace hubfs::cli {

struct RsyncSetup {
    std::string mount_path;
    std::string run_dir;   // lock file
    std::string log_fifo;  // where the daemon writes its log: a pipe that our rewriter reads
    std::string motd_file;
    bool chroot = false;  // root only
    std::string user;     // of the workers; empty: whoever starts it (no root)
    std::string group;
};

inline constexpr int kRsyncConnectionsMax = 60;  // all modules together: they share the lock file
inline constexpr int kRsyncTimeoutSeconds = 600;

// Code::invalid for a path that rsyncd.conf cannot hold.
[[nodiscard]] Result<std::string> rsync_config(const RsyncSetup& setup);

[[nodiscard]] std::string rsync_motd();

}  // namespace hubfs::cli
