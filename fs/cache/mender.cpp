// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/mender.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "fs/base/checksum.h"
#include "fs/base/log.h"
#include "fs/cache/engine.h"

namespace hubfs::cache {

struct Mender::Lost {
    std::uint64_t generation = 0;
    std::uint64_t blocks = 0;
    std::uint64_t bytes = 0;
    bool all = false;   // nothing else is held: the content goes as a whole
    bool seen = false;  // somebody may have been given these bytes
    std::vector<Waiter> waiters;
};

bool Mender::sound(const StatePtr& state, const ReadPlan& plan) {
    if (plan.unchecked.empty()) {
        return true;
    }
    const Geometry geometry = [&] {
        const std::scoped_lock lock(state->mutex);
        return state->ledger.geometry();
    }();
    std::vector<std::uint64_t> good;
    std::vector<std::uint64_t> bad;
    std::vector<std::byte> bytes;
    for (const BlockSum& each : plan.unchecked) {
        const ByteRange range = geometry.bytes_of(each.block);
        bytes.resize(range.size());
        if (plan.file == nullptr || !plan.file->read_at(bytes, range.first)) {
            return true;  // the read itself fails the same way, and acts on it
        }
        (checksum(bytes) == each.sum ? good : bad).push_back(each.block);
    }
    std::optional<Lost> lost;
    {
        const std::scoped_lock lock(state->mutex);
        if (state->generation != plan.generation || state->closed) {
            return bad.empty();
        }
        for (const std::uint64_t block : good) {
            state->checked(block);
        }
        // Another reader was faster, and the block has other bytes by now.
        std::erase_if(bad, [&](std::uint64_t block) { return !state->unread(block); });
        if (!bad.empty()) {
            lost = take(*state, bad);
        } else if (good.size() == plan.unchecked.size()) {
            return true;
        }
    }
    if (lost) {
        settle(state, std::move(*lost));
    }
    return false;
}

bool Mender::lose(const StatePtr& state, const ContentState::Look& look,
                  const std::vector<std::uint64_t>& blocks) {
    std::optional<Lost> lost;
    {
        const std::scoped_lock lock(state->mutex);
        if (state->look() != look || state->closed) {
            return false;
        }
        lost = take(*state, blocks);
    }
    settle(state, std::move(*lost));
    return true;
}

// With the mutex held; the blocks are held ones.
Mender::Lost Mender::take(ContentState& state, const std::vector<std::uint64_t>& blocks) {
    Lost lost{.generation = state.generation, .blocks = blocks.size(), .waiters = {}};
    for (const std::uint64_t block : blocks) {
        lost.bytes += state.ledger.geometry().bytes_of(block).size();
        lost.seen = lost.seen || !state.unread(block);
    }
    engine_.counters.damaged_blocks += blocks.size();
    lost.all = blocks.size() >= state.ledger.held().count();
    if (lost.all) {
        return lost;
    }
    engine_.quota.shrunk(lost.bytes, state.ledger.verified());
    state.ledger.lose(blocks);
    for (const std::uint64_t block : blocks) {
        state.sums.forget(block);
        state.checked(block);
    }
    ++state.losses;
    ++state.mending;
    if (lost.seen) {
        // As when all of it is dropped: right and wrong bytes never mix in one open file.
        ++state.mismatches;
        std::ranges::move(state.waiters, std::back_inserter(lost.waiters));
        state.waiters.clear();
    }
    return lost;
}

void Mender::settle(const StatePtr& state, Lost lost) {
    const Error why{lost.seen ? Code::corrupt : Code::io,
                    "the disk has other bytes than were stored"};
    log::error(
        "cache.damaged",
        {{"content", state->content.hash.hex()}, {"blocks", lost.blocks}, {"bytes", lost.bytes}});
    if (lost.all) {
        engine_.verifier.drop(state, lost.generation, why);
        return;
    }
    engine_.committer.mark(state);
    if (const Status recorded = engine_.committer.commit(); !recorded) {
        // The record still has the bits, so nothing may be written in their place.
        engine_.verifier.drop(state, lost.generation, recorded.error());
    }
    std::vector<Ready> ready;
    {
        const std::scoped_lock lock(state->mutex);
        --state->mending;
        ready = state->take_ready();  // another block is the one that waits for the hash now
    }
    if (lost.seen && engine_.config.on_dropped) {
        engine_.config.on_dropped(state->content.hash);
    }
    engine_.answers.refuse(std::move(lost.waiters), why);
    engine_.answers.give(state, std::move(ready));
    engine_.fetcher.resume(state);
}

}  // namespace hubfs::cache
