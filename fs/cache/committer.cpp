// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/committer.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "fs/base/log.h"
#include "fs/cache/engine.h"
#include "fs/cache/limits.h"

namespace hubfs::cache {

struct Committer::Snapshot {
    StatePtr state;
    std::uint64_t generation = 0;
    const CacheDir* dir = nullptr;
    BlobIndex::Record record;
    BlockSums::Unsaved sums;
};

void Committer::mark(const StatePtr& state) {
    dirty_.with([&](auto& dirty) { dirty.insert(state); });
    engine_.housekeeper.poke();
}

bool Committer::dirty() const {
    return dirty_.with([](const auto& dirty) { return !dirty.empty(); });
}

std::vector<Committer::Snapshot> Committer::snapshot(const std::vector<StatePtr>& states) const {
    std::vector<Snapshot> snapshots;
    for (const StatePtr& state : states) {
        const std::scoped_lock lock(state->mutex);
        const BlockLedger& ledger = state->ledger;
        if (state->dir == nullptr || ledger.held().count() == 0 || !state->storable) {
            continue;
        }
        BlobIndex::Record record;
        record.size_bytes = ledger.geometry().size_bytes;
        record.block_bytes = ledger.geometry().block_bytes;
        record.verified = ledger.verified();
        if (!record.verified) {
            record.bitmap = ledger.held().bytes();
        }
        record.directory = state->dir->number();
        record.last_used = state->last_used;
        record.warmth = state->warmth;
        snapshots.push_back(
            {state, state->generation, state->dir, std::move(record), state->sums.unsaved()});
    }
    return snapshots;
}

// Moves the snapshots whose directory could not be synced to `lost`: the kernel reports a lost
// write once and does not say of which file, so none of these bytes can be trusted.
Status Committer::sync(std::vector<Snapshot>& snapshots, std::vector<Snapshot>& lost) const {
    std::map<const CacheDir*, Status> dirs;
    Status all;
    for (const Snapshot& snapshot : snapshots) {
        if (dirs.contains(snapshot.dir)) {
            continue;
        }
        Status synced = snapshot.dir->sync();
        if (!synced) {
            log::error("cache.sync_failed", {{"error", synced.error().message}});
            all = synced;
        }
        dirs.emplace(snapshot.dir, std::move(synced));
    }
    const auto bad = std::ranges::partition(
        snapshots, [&](const Snapshot& snapshot) { return dirs.at(snapshot.dir).has_value(); });
    std::ranges::move(bad, std::back_inserter(lost));
    snapshots.erase(bad.begin(), bad.end());
    return all;
}

Status Committer::record(const std::vector<Snapshot>& snapshots) {
    const std::scoped_lock index(index_mutex_);
    std::vector<BlobIndex::Change> changes;
    changes.reserve(snapshots.size());
    for (const Snapshot& snapshot : snapshots) {
        const std::scoped_lock lock(snapshot.state->mutex);
        if (snapshot.state->generation == snapshot.generation) {
            changes.push_back({snapshot.state->content.hash, snapshot.record, snapshot.sums.rows});
        }
    }
    if (changes.empty()) {
        return {};
    }
    Status applied = engine_.index->apply(changes, engine_.turns.now());
    if (!applied) {
        return applied;
    }
    ++engine_.counters.commits;
    for (const Snapshot& snapshot : snapshots) {
        const std::scoped_lock lock(snapshot.state->mutex);
        if (snapshot.state->generation == snapshot.generation) {
            snapshot.state->sums.saved(snapshot.sums);
        }
    }
    return applied;
}

Status Committer::commit_group(std::vector<Snapshot>& lost) {
    const std::scoped_lock one(commit_mutex_);
    const auto marked = dirty_.with([](auto& dirty) { return std::exchange(dirty, {}); });
    std::vector<Snapshot> snapshots = snapshot({marked.begin(), marked.end()});
    const Status synced = sync(snapshots, lost);
    const Status recorded = record(snapshots);
    if (!recorded) {
        log::error("cache.commit_failed", {{"error", recorded.error().message}});
        for (const Snapshot& snapshot : snapshots) {
            mark(snapshot.state);
        }
        return recorded;
    }
    return synced;
}

Status Committer::commit() {
    std::vector<Snapshot> lost;
    Status status = commit_group(lost);
    for (const Snapshot& snapshot : lost) {
        engine_.verifier.drop(snapshot.state, snapshot.generation,
                              {Code::io, "the disk lost bytes of this content"});
    }
    return status;
}

Status Committer::remove(const std::vector<Removal>& removals) {
    const std::scoped_lock index(index_mutex_);
    std::vector<BlobIndex::Change> changes;
    changes.reserve(removals.size());
    for (const Removal& removal : removals) {
        changes.push_back({removal.hash, std::nullopt, {}, removal.left});
    }
    if (Status erased = engine_.index->apply(changes, std::nullopt); !erased) {
        return within("forgetting contents", std::move(erased.error()));
    }
    for (const Removal& removal : removals) {
        if (removal.dir == nullptr) {
            continue;
        }
        if (Status gone = removal.dir->unlink(removal.hash); !gone) {
            // Without a record it is an orphan: removed at the next start, or when it is made anew.
            log::warn("cache.unlink_failed", {{"error", gone.error().message}});
        }
    }
    return {};
}

}  // namespace hubfs::cache
