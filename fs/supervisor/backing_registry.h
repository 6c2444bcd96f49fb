// SPDX-License-Identifier: Apache-2.0
// Registers cache files with the kernel for FUSE passthrough, for a daemon that has not the
// privilege (CAP_SYS_ADMIN). The kernel reads a registered file with our rights and asks nobody
// again, so what the daemon sends is looked at first: a regular file, open for reading and really
// open (no O_PATH), owned by the daemon's user, on the filesystem of a cache directory.
//
// A node has one registered file at a time. For the supervisor's one thread only.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "fs/base/fd.h"
#include "fs/base/result.h"

namespace hubfs::supervisor {

// The kernel's side; tests put their own in its place.
struct BackingKernel {
    // The number (> 0) of a file registered on a /dev/fuse descriptor, or a negative errno.
    std::function<int(int device, int file)> open;
    std::function<void(int device, int id)> close;
};
[[nodiscard]] BackingKernel kernel_backing();

struct BackingRules {
    std::vector<std::string> directories;  // of the cache; need not exist yet
    uid_t owner = 0;
};

// Code::denied with the reason; nothing is wrong when it returns.
[[nodiscard]] Status check_backing(int file, const BackingRules& rules);

class BackingRegistry {
public:
    BackingRegistry(BackingRules rules, BackingKernel kernel)
        : rules_(std::move(rules)), kernel_(std::move(kernel)) {}

    // One packet of the daemon's, answered. False: the socket is closed or broken.
    [[nodiscard]] bool serve(int socket, int device);
    // After a daemon's death: all but these nodes are unregistered.
    void keep_only(const std::unordered_set<std::uint64_t>& nodes, int device);
    // The connection is gone, and its numbers with it.
    void forget_all() { ids_.clear(); }
    [[nodiscard]] std::size_t size() const { return ids_.size(); }

private:
    [[nodiscard]] int add(std::uint64_t node, const Fd& file, int device);
    void remove(std::uint64_t node, int device);

    const BackingRules rules_;
    const BackingKernel kernel_;
    std::map<std::uint64_t, int> ids_;  // by node
};

}  // namespace hubfs::supervisor
