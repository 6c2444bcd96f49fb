// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/evictor.h"

#include <algorithm>
#include <utility>

#include "fs/base/log.h"
#include "fs/cache/engine.h"
#include "fs/cache/limits.h"

namespace hubfs::cache {

namespace {

std::uint64_t held_bytes(const BlobIndex::Record& record) {
    if (record.verified) {
        return record.size_bytes;
    }
    const auto ledger = ledger_from(record);
    return ledger ? bytes_in(ledger->held(), ledger->geometry()) : 0;
}

}  // namespace

bool Evictor::run() {
    const std::scoped_lock one(mutex_);
    const bool was_full = engine_.quota.full();
    std::uint64_t need =
        bytes_to_free(engine_.quota.used_bytes(), engine_.quota.limit_bytes(), kLowMarkPercent);
    if (was_full && need == 0) {
        need = engine_.quota.used_bytes() / 100 * (100 - kLowMarkPercent) + 1;
    }
    if (need == 0) {
        return false;
    }
    const ContentSet pinned = engine_.config.pinned ? engine_.config.pinned() : ContentSet();
    EvictionChooser chooser(need);
    const Status read =
        engine_.index->for_each([&](const ContentHash& hash, const BlobIndex::Record& record) {
            const StatePtr state = engine_.table.peek(hash);
            const bool idle = state == nullptr || [&] {
                const std::scoped_lock lock(state->mutex);
                return !state->wanted() && state->sinks.empty();
            }();
            if (idle && !pinned.contains(hash)) {
                const std::uint64_t held = held_bytes(record);
                chooser.offer({hash, held, eviction_rank(record.warmth, held)});
            }
        });
    if (!read) {
        log::error("cache.eviction_failed", {{"error", read.error().message}});
    }
    const std::vector<EvictionCandidate> chosen = chooser.take();
    std::uint64_t freed = 0;
    for (std::size_t first = 0; first < chosen.size(); first += kEvictBatch) {
        const auto begin = chosen.begin() + static_cast<std::ptrdiff_t>(first);
        const auto n = static_cast<std::ptrdiff_t>(std::min(kEvictBatch, chosen.size() - first));
        freed += remove({begin, begin + n});
    }
    if (freed > 0) {
        forget_left();
        log::info("cache.evicted", {{"bytes", freed}, {"used", engine_.quota.used_bytes()}});
    }
    // Still above: nothing is stored until a reader closes what it holds. A disk that was full is
    // tried again once something was removed, and after a pause in any case.
    const bool over = engine_.quota.over();
    engine_.quota.set_full(over || (was_full && freed == 0 && !std::exchange(retry_, !retry_)));
    return over || engine_.quota.full();
}

bool Evictor::evict(const ContentHash& hash) {
    const std::scoped_lock one(mutex_);
    const auto record = record_of(*engine_.index, hash);
    if (!record) {
        // Never recorded: only the resident state can know it, and it goes if nobody holds it.
        const bool idle = engine_.table.begin_evict(hash);
        if (idle) {
            engine_.table.end_evict(hash);
        }
        return idle;
    }
    const EvictionCandidate candidate{hash, held_bytes(*record), 0};
    return remove({candidate}) > 0;
}

// Without this the table would grow for ever. Harmless when it fails: the next pass does it.
void Evictor::forget_left() {
    const Turns until = engine_.turns.now() - kLeftTurns * kTurn;
    if (const Status forgotten = engine_.index->forget_left(until); !forgotten) {
        log::error("cache.eviction_failed", {{"error", forgotten.error().message}});
    }
}

// Returns the bytes that this freed. Those that somebody opened meanwhile stay.
std::uint64_t Evictor::remove(const std::vector<EvictionCandidate>& chosen) {
    std::vector<Committer::Removal> removals;
    std::uint64_t freed = 0;
    std::vector<std::pair<std::uint64_t, bool>> sizes;
    for (const EvictionCandidate& candidate : chosen) {
        if (!engine_.table.begin_evict(candidate.hash)) {
            continue;
        }
        // Read again: until begin_evict() a commit may have recorded more.
        const auto record = record_of(*engine_.index, candidate.hash);
        if (!record) {
            engine_.table.end_evict(candidate.hash);
            continue;
        }
        removals.push_back({candidate.hash, engine_.dirs.find(record->directory),
                            BlobIndex::Left{engine_.turns.now(), record->warmth}});
        sizes.emplace_back(held_bytes(*record), record->verified);
    }
    const Status removed = engine_.committer.remove(removals);
    for (std::size_t i = 0; i < removals.size(); ++i) {
        if (removed) {
            engine_.quota.removed(sizes[i].first, sizes[i].second);
            freed += sizes[i].first;
        }
        engine_.table.end_evict(removals[i].hash);
    }
    if (!removed) {
        log::error("cache.eviction_failed", {{"error", removed.error().message}});
        return 0;
    }
    engine_.counters.evictions += removals.size();
    engine_.counters.evicted_bytes += freed;
    return freed;
}

}  // namespace hubfs::cache
