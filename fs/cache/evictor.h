// SPDX-License-Identifier: Apache-2.0
// Keeps the cache within its quota: finds the contents that eviction.h chooses and removes them,
// whole files only. Open contents stay. Called by the housekeeping thread; thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "fs/base/hub_types.h"
#include "fs/cache/eviction.h"

namespace hubfs::cache {

struct Engine;

class Evictor {
public:
    explicit Evictor(Engine& engine) : engine_(engine) {}

    // Down to the low mark if above the limit; after a full disk, some part of what is held.
    // Returns whether more is wanted than could be done.
    bool run();
    // This one now. False when it is open.
    bool evict(const ContentHash& hash);

private:
    void forget_left();
    std::uint64_t remove(const std::vector<EvictionCandidate>& chosen);

    Engine& engine_;
    std::mutex mutex_;    // one run at a time; before all others in the lock order
    bool retry_ = false;  // a full disk with nothing to remove is tried again every second run
};

}  // namespace hubfs::cache
