// SPDX-License-Identifier: Apache-2.0
// rsync starts a process per connection. When a node is killed, they outlive the daemon that dies
// with it, as long as their clients are slow. The next node with the same run directory ends them.
#pragma once

#include <string>

namespace hubfs::cli {

// SIGKILL to every rsync daemon process with this very configuration file that no living hf-mirror
// stands above; returns how many. Waits for their end, 2 s at most.
int end_leftover_rsync(const std::string& config_file);

}  // namespace hubfs::cli
