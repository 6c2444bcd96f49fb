// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/verifier.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "fs/base/log.h"
#include "fs/cache/engine.h"
#include "fs/cache/limits.h"
#include "fs/cache/range_sink.h"

namespace hubfs::cache {

Verifier::Verifier(Engine& engine)
    : engine_(engine), pool_("cache-hash", kHashThreads, kHashQueueMax) {}

void Verifier::kick(const StatePtr& state) {
    {
        const std::scoped_lock lock(state->mutex);
        const BlockLedger& ledger = state->ledger;
        if (state->hashing || state->closed || ledger.verified() ||
            ledger.hashable_end() == ledger.hashed()) {
            return;
        }
        state->hashing = true;
    }
    submit(state);
}

void Verifier::submit(const StatePtr& state) {
    ThreadPool::Job job = [this, state] { run(state); };
    if (!pool_.submit(job)) {
        const std::scoped_lock lock(state->mutex);
        state->hashing = false;  // the next block that arrives tries again
    }
}

// One block to hash, or the end; nothing when there is no more for now (the job is then over).
std::optional<Verifier::Step> Verifier::next(const StatePtr& state) const {
    const std::scoped_lock lock(state->mutex);
    BlockLedger& ledger = state->ledger;
    if (state->hasher == nullptr || state->hasher_round != state->round()) {
        state->hasher =
            std::make_unique<ContentHasher>(state->content.hash.kind, state->content.size_bytes);
        state->hasher_round = state->round();
        ledger.hash_reached(0);
    }
    const std::uint64_t block = ledger.hashed();
    const bool at_end = block == ledger.geometry().blocks();
    if (state->closed || ledger.verified() || (!at_end && ledger.hashable_end() == block)) {
        state->hashing = false;
        return std::nullopt;
    }
    Step step{block, std::nullopt, state->generation, state->round()};
    if (!at_end) {
        step.read = state->plan(ledger.geometry().bytes_of(block));
    }
    return step;
}

// False when the job must end: the block could not be read.
bool Verifier::hash(const StatePtr& state, const Step& step) {
    const Result<Bytes> bytes = engine_.answers.read(state, *step.read);
    if (!bytes) {
        return false;
    }
    state->hasher->update(**bytes);
    const std::scoped_lock lock(state->mutex);
    if (state->round() == step.round) {
        state->ledger.hash_reached(step.block + 1);
        state->trim_memory(engine_.memory_blocks_kept());
    }
    return true;
}

void Verifier::run(const StatePtr& state) {
    std::uint64_t hashed = 0;
    while (const auto step = next(state)) {
        if (!step->read) {
            finish(state, *step);
            return;
        }
        if (!hash(state, *step)) {
            pause(state, step->round);
            return;
        }
        hashed += step->read->range.size();
        if (hashed >= kHashSliceBytes) {
            submit(state);
            return;
        }
    }
    engine_.fetcher.settle(state);
}

// The job ends early. What was dropped in its time may be back already, and its kick was not heard.
void Verifier::pause(const StatePtr& state, std::uint64_t round) {
    bool again = false;
    {
        const std::scoped_lock lock(state->mutex);
        state->hashing = false;
        again = state->round() != round;
    }
    if (again) {
        kick(state);
    }
}

void Verifier::finish(const StatePtr& state, const Step& step) {
    const bool matches = state->hasher->finish() == state->content.hash;
    bool verified = false;
    bool current = false;  // nothing was dropped meanwhile
    std::vector<Ready> ready;
    {
        const std::scoped_lock lock(state->mutex);
        state->hasher.reset();
        state->hashing = false;
        current = state->round() == step.round;
        if (matches && current) {
            state->ledger.verify();
            verified = state->ledger.verified();
            ready = state->take_ready();
            if (!verified) {
                state->trim_memory(engine_.memory_blocks_kept());
            }
        }
    }
    if (!current) {
        kick(state);
    } else if (!matches) {
        drop(state, step.generation, {Code::corrupt, "content does not match its hash"});
    }
    if (verified) {
        ++engine_.counters.verified;
        engine_.quota.verified_one();
        engine_.committer.mark(state);
    }
    engine_.answers.give(state, std::move(ready));
    engine_.fetcher.settle(state);
}

void Verifier::drop(const StatePtr& state, std::uint64_t generation, const Error& why) {
    const bool mismatch = why.code == Code::corrupt;
    Committer::Removal removal{state->content.hash, nullptr};
    std::uint64_t held = 0;
    std::vector<Waiter> waiters;
    std::vector<std::shared_ptr<RangeSink>> sinks;
    {
        const std::scoped_lock lock(state->mutex);
        if (state->generation != generation || state->closed) {
            return;
        }
        ++state->generation;
        state->mismatches += mismatch ? 1U : 0U;
        ++(mismatch ? engine_.counters.mismatches : engine_.counters.lost);
        state->dropping = true;
        held = bytes_in(state->ledger.held(), state->ledger.geometry());
        if (held > 0) {
            engine_.quota.removed(held, state->ledger.verified());
        }
        std::ranges::move(state->waiters, std::back_inserter(waiters));
        state->waiters.clear();
        removal.dir = std::exchange(state->dir, nullptr);
        state->file.reset();
        state->memory.clear();
        state->failures.clear();
        state->ledger.clear();
        state->forget_sums();
        sinks = state->sinks;
        (void)engine_.queue.take(*state);
    }
    log::error(mismatch ? "cache.mismatch" : "cache.lost",
               {{"content", state->content.hash.hex()}, {"bytes", held}, {"error", why.message}});
    for (const auto& sink : sinks) {
        sink->cancel();
    }
    const Status removed = engine_.committer.remove({removal});
    {
        const std::scoped_lock lock(state->mutex);
        state->dropping = false;
        state->storable = state->storable && removed.has_value();
    }
    if (mismatch && engine_.config.on_dropped) {
        engine_.config.on_dropped(state->content.hash);
    }
    engine_.answers.refuse(std::move(waiters), why);
    engine_.fetcher.resume(state);
}

}  // namespace hubfs::cache
