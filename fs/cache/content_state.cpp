// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/content_state.h"

#include <algorithm>
#include <utility>

namespace hubfs::cache {

ReadPlan ContentState::plan(ByteRange range) const {
    ReadPlan plan{range, generation, mismatches, file, {}, {}};
    const Geometry& geometry = ledger.geometry();
    const BlockSpan span = geometry.touching(range);
    for (std::uint64_t block = span.first; block < span.end; ++block) {
        const ByteRange bytes = geometry.bytes_of(block);
        const ByteRange part{std::max(bytes.first, range.first), std::min(bytes.end, range.end)};
        if (ledger.held().test(block) && unread(block)) {
            plan.unchecked.push_back({block, sums.of(block)});
        }
        const auto found = ledger.held().test(block) ? memory.end() : memory.find(block);
        if (found != memory.end()) {
            plan.parts.push_back({part, found->second, bytes.first});
        } else if (!plan.parts.empty() && plan.parts.back().memory == nullptr) {
            plan.parts.back().range.end = part.end;
        } else {
            plan.parts.push_back({part, nullptr, 0});
        }
    }
    return plan;
}

void ContentState::know_sums(const std::vector<meta::SumRow>& rows) {
    sums = BlockSums(ledger.geometry(), rows);
    sums_known = true;
    const BlockMap& held = ledger.held();
    if (ledger.verified()) {
        return;
    }
    unchecked = BlockMap(held.blocks());
    for (std::uint64_t block = held.next_set(0); block < held.blocks();
         block = held.next_set(block + 1)) {
        if (sums.of(block) != 0) {
            unchecked.set(block);
        }
    }
}

void ContentState::forget_sums() {
    sums = BlockSums(ledger.geometry());
    sums_known = true;
    unchecked = BlockMap();
}

void ContentState::checked(std::uint64_t block) {
    if (unread(block)) {
        unchecked.reset(block);
    }
}

std::vector<Ready> ContentState::take_ready() {
    std::vector<Ready> ready;
    for (auto waiter = waiters.begin(); waiter != waiters.end();) {
        if (ledger.readable(waiter->range)) {
            ReadPlan how = plan(waiter->range);
            ready.push_back({std::move(*waiter), std::move(how)});
            waiter = waiters.erase(waiter);
        } else {
            ++waiter;
        }
    }
    return ready;
}

void ContentState::trim_memory(std::size_t keep) {
    std::size_t kept = 0;
    const std::uint64_t hashable = ledger.hashable_end();
    // Backwards, so that what a sequential reader needs next stays longest.
    for (auto entry = memory.end(); entry != memory.begin();) {
        --entry;
        const std::uint64_t block = entry->first;
        const bool arriving = !ledger.in_memory(block) && !ledger.held().test(block);
        const bool to_hash = ledger.hashed() <= block && block < hashable && hashing;
        const bool parked = std::ranges::any_of(waiters, [&](const Waiter& waiter) {
            return ledger.geometry().touching(waiter.range).contains(block);
        });
        if (arriving || to_hash || parked || (kept < keep && !ledger.held().test(block))) {
            ++kept;
            continue;
        }
        ledger.forget_memory(block);
        entry = memory.erase(entry);
    }
}

}  // namespace hubfs::cache
