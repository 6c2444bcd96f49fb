// SPDX-License-Identifier: Apache-2.0
// Keeps one mount alive: holds its descriptor, starts the daemon on it, starts another when that
// one dies (requests in flight are delivered again, open files stay open), and unmounts at the
// end. One thread; links nothing that parses what comes from outside.
#pragma once

#include <string>
#include <vector>

#include "fs/base/fd.h"
#include "fs/base/result.h"
#include "fs/supervisor/mounter.h"

namespace hubfs::supervisor {

struct SupervisorConfig {
    MountRequest mount;
    std::string shown;         // the mount point as the ready line names it
    std::string program_path;  // the daemon's, for a reload
    Fd program;                // the same, open
    Fd config;                 // sealed
    std::vector<std::string> cache_dirs;
    Fd lock;   // of the run directory
    Fd claim;  // of the mount point; may be invalid
};

// Mounts, prints the ready line, supervises until SIGTERM, SIGINT or SIGHUP, unmounts. The exit
// code of the program.
[[nodiscard]] int supervise(SupervisorConfig config);

}  // namespace hubfs::supervisor
