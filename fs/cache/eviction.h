// SPDX-License-Identifier: Apache-2.0
// Which contents leave when the cache is above its quota: a pure decision. Those of the lowest rank
// (warmth.h); the caller keeps those that are open. Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "fs/base/hub_types.h"
#include "fs/cache/warmth.h"

namespace hubfs::cache {

struct EvictionCandidate {
    ContentHash hash;
    std::uint64_t bytes = 0;  // what removing it frees
    Turns rank = 0;           // eviction_rank()
};

// How much must go: nothing up to the limit, else down to the low mark (a share of the limit).
[[nodiscard]] std::uint64_t bytes_to_free(std::uint64_t used_bytes, std::uint64_t limit_bytes,
                                          std::uint64_t low_percent);

// Sees every candidate once, in any order, and remembers only the coldest that are needed, so a
// million records pass through without being kept.
class EvictionChooser {
public:
    explicit EvictionChooser(std::uint64_t need_bytes) : need_bytes_(need_bytes) {}
    void offer(const EvictionCandidate& candidate);
    // The chosen ones, lowest rank first; less than needed when there is not more.
    [[nodiscard]] std::vector<EvictionCandidate> take();

private:
    const std::uint64_t need_bytes_;
    std::uint64_t chosen_bytes_ = 0;
    std::vector<EvictionCandidate> heap_;  // highest rank on top
};

}  // namespace hubfs::cache
