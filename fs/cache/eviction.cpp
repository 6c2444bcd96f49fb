// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/eviction.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace hubfs::cache {

namespace {

// Ties are broken by the hash, so that the same records give the same decision.
bool colder(const EvictionCandidate& a, const EvictionCandidate& b) {
    return std::tie(a.rank, a.hash) < std::tie(b.rank, b.hash);
}

}  // namespace

std::uint64_t bytes_to_free(std::uint64_t used_bytes, std::uint64_t limit_bytes,
                            std::uint64_t low_percent) {
    if (used_bytes <= limit_bytes) {
        return 0;
    }
    const std::uint64_t low =
        limit_bytes / 100 * low_percent + limit_bytes % 100 * low_percent / 100;
    return used_bytes - low;
}

void EvictionChooser::offer(const EvictionCandidate& candidate) {
    if (candidate.bytes == 0 || need_bytes_ == 0) {
        return;
    }
    if (chosen_bytes_ >= need_bytes_ && !colder(candidate, heap_.front())) {
        return;
    }
    heap_.push_back(candidate);
    std::ranges::push_heap(heap_, colder);
    chosen_bytes_ += candidate.bytes;
    while (chosen_bytes_ - heap_.front().bytes >= need_bytes_) {
        chosen_bytes_ -= heap_.front().bytes;
        std::ranges::pop_heap(heap_, colder);
        heap_.pop_back();
    }
}

std::vector<EvictionCandidate> EvictionChooser::take() {
    std::ranges::sort(heap_, colder);
    chosen_bytes_ = 0;
    return std::exchange(heap_, {});
}

}  // namespace hubfs::cache
