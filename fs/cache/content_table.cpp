// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/content_table.h"

#include <algorithm>
#include <utility>

#include "fs/cache/limits.h"

namespace hubfs::cache {

Result<StatePtr> ContentTable::load(const Content& content) const {
    auto found = index_.find(content.hash);
    if (!found) {
        return within("looking up a content", std::move(found.error()));
    }
    if (const std::optional<BlobIndex::Record>& record = *found; record) {
        const BlobIndex::Record& r = *record;
        const CacheDir* dir = dirs_.find(r.directory);
        if (auto ledger = ledger_from(r); ledger && dir != nullptr) {
            auto state = std::make_shared<ContentState>(Content{content.hash, r.size_bytes},
                                                        std::move(*ledger));
            state->dir = dir;
            state->last_used = r.last_used;
            state->warmth = r.warmth;
            state->sums_known = false;
            if (!r.verified) {
                // Without them its blocks are trusted until the whole hash judges.
                const auto rows = index_.sums(content.hash);
                state->know_sums(rows ? *rows : std::vector<meta::SumRow>());
            }
            return state;
        }
    }
    const Geometry geometry{content.size_bytes, block_bytes_};
    auto state = std::make_shared<ContentState>(content, BlockLedger(geometry));
    // Only a hint: without it the content counts as one that was never here.
    if (const auto left = index_.left(content.hash); left && *left) {
        state->warmth = (*left)->warmth;
    }
    return state;
}

Result<StatePtr> ContentTable::acquire(const Content& content) {
    std::vector<StatePtr> idle;  // dies after the lock is gone
    for (;;) {
        std::unique_lock lock(mutex_);
        evicted_.wait(lock, [&] { return !evicting_.contains(content.hash); });
        if (const auto found = states_.find(content.hash); found != states_.end()) {
            return found->second;
        }
        const std::uint64_t evictions = evictions_;
        lock.unlock();
        Result<StatePtr> loaded = load(content);
        if (!loaded) {
            return loaded;
        }
        lock.lock();
        if (evictions != evictions_ || evicting_.contains(content.hash)) {
            continue;  // the record may be gone by now
        }
        const auto [place, added] = states_.try_emplace(content.hash, *loaded);
        StatePtr state = place->second;
        if (added && states_.size() > kResidentMax) {
            idle = sweep();
        }
        return state;
    }
}

// Takes out a quarter of the limit, those touched longest ago first, of those that nobody holds.
std::vector<StatePtr> ContentTable::sweep() {
    std::vector<StatePtr> idle;
    for (const auto& [hash, state] : states_) {
        if (state.use_count() == 1) {
            idle.push_back(state);
        }
    }
    // Nobody else holds them, so their mutex need not be taken to read when.
    const std::size_t n = std::min(idle.size(), kResidentMax / 4);
    std::ranges::partial_sort(idle, idle.begin() + static_cast<std::ptrdiff_t>(n), {},
                              [](const StatePtr& state) { return state->touched; });
    idle.resize(n);
    for (const StatePtr& state : idle) {
        states_.erase(state->content.hash);
    }
    return idle;
}

StatePtr ContentTable::peek(const ContentHash& hash) const {
    const std::scoped_lock lock(mutex_);
    const auto found = states_.find(hash);
    return found == states_.end() ? nullptr : found->second;
}

std::vector<StatePtr> ContentTable::all() const {
    const std::scoped_lock lock(mutex_);
    std::vector<StatePtr> all;
    all.reserve(states_.size());
    for (const auto& [hash, state] : states_) {
        all.push_back(state);
    }
    return all;
}

std::size_t ContentTable::resident() const {
    const std::scoped_lock lock(mutex_);
    return states_.size();
}

bool ContentTable::begin_evict(const ContentHash& hash) {
    StatePtr idle;  // dies after the lock is gone
    const std::scoped_lock lock(mutex_);
    if (evicting_.contains(hash)) {
        return false;
    }
    if (const auto found = states_.find(hash); found != states_.end()) {
        if (found->second.use_count() > 1) {
            return false;
        }
        idle = std::move(found->second);
        states_.erase(found);
    }
    evicting_.insert(hash);
    ++evictions_;
    return true;
}

void ContentTable::end_evict(const ContentHash& hash) {
    const std::scoped_lock lock(mutex_);
    evicting_.erase(hash);
    evicted_.notify_all();
}

}  // namespace hubfs::cache
