// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/fetcher.h"

#include <algorithm>
#include <iterator>
#include <list>
#include <utility>

#include "fs/base/log.h"
#include "fs/cache/engine.h"
#include "fs/cache/limits.h"
#include "fs/cache/range_sink.h"

namespace hubfs::cache {

namespace {

bool same(const ContentLocation& a, const ContentLocation& b) {
    return a.repo == b.repo && a.commit == b.commit && a.path == b.path;
}

// Content that a tree lists and no place has is upstream's fault, never an absence.
Status as_failure(Status status) {
    if (!status && status.error().code == Code::not_found) {
        return fail(Code::protocol, "listed, but not there: " + status.error().message);
    }
    return status;
}

void append(std::vector<FetchJob>& jobs, std::vector<FetchJob> more) {
    std::ranges::move(more, std::back_inserter(jobs));
}

// The newest location that did not refuse a moment ago, else simply the newest.
ContentLocation choose_location(const ContentState& state, Steady now) {
    const auto found = std::ranges::find_if(
        state.locations, [&](const KnownLocation& known) { return known.refused_until <= now; });
    return found != state.locations.end() ? found->where : state.locations.front().where;
}

}  // namespace

void Fetcher::read(const StatePtr& state, const ReadRequest& request, Done<Bytes> done) {
    const Steady now = engine_.clock.steady();
    std::optional<ReadPlan> plan;
    std::optional<Error> error;
    std::vector<FetchJob> jobs;
    std::list<Waiter> waiter;  // joins the parked ones or is answered here
    waiter.push_back(
        {request.range, now, now + engine_.config.deadline + kWaitGrace, std::move(done)});
    {
        const std::scoped_lock lock(state->mutex);
        if (state->closed) {
            error = Error{Code::cancelled, "the cache is closing"};
        } else if (request.mismatches != state->mismatches) {
            error = Error{Code::corrupt, "content did not match its hash while it was open"};
        } else if (state->ledger.readable(request.range)) {
            plan = state->plan(request.range);
        } else {
            error = refuse(*state, request.range, now);
        }
        if (!plan && !error) {
            state->waiters.splice(state->waiters.end(), waiter);
            ++engine_.counters.waiters;
            jobs = demand(state, request.range);
        }
        if (!error) {
            append(jobs, ahead(state, request.ahead, now));
        }
    }
    if (plan) {
        ++engine_.counters.hits;
        engine_.answers.serve(state, *plan, std::move(waiter.front().done));
    } else if (error) {
        engine_.counters.failed(error->code);
        waiter.front().done(std::unexpected(std::move(*error)));
    } else {
        ++engine_.counters.misses;
        engine_.expiry.poke();
    }
    engine_.queue.push(std::move(jobs));
}

// Why this read fails without asking upstream; nothing when it may be parked.
std::optional<Error> Fetcher::refuse(ContentState& state, ByteRange range, Steady now) {
    std::erase_if(state.failures, [&](const Failure& failure) { return failure.until <= now; });
    const BlockSpan span = state.ledger.geometry().touching(range);
    for (const Failure& failure : state.failures) {
        for (std::uint64_t block = span.first; block < span.end; ++block) {
            if (failure.blocks.contains(block) && !state.ledger.here(block)) {
                return failure.error;
            }
        }
    }
    // What is here and only waits for the hash comes without upstream.
    if (engine_.config.offline && !state.ledger.complete()) {
        return Error{Code::offline, "not cached, and upstream.offline is set"};
    }
    if (engine_.counters.waiters >= kWaitersMax) {
        return Error{Code::rate_limited, "too many reads wait for upstream"};
    }
    return std::nullopt;
}

std::vector<FetchJob> Fetcher::jobs_for(const StatePtr& state, const std::vector<BlockSpan>& spans,
                                        bool is_demand) const {
    std::vector<FetchJob> jobs;
    jobs.reserve(spans.size());
    for (const BlockSpan span : spans) {
        jobs.push_back({state, span, state->generation, is_demand});
    }
    return jobs;
}

std::vector<FetchJob> Fetcher::demand(const StatePtr& state, ByteRange range) const {
    if (state->dropping || state->mending > 0 || engine_.config.offline) {
        return {};  // resume() comes back to it; offline waits for the hash only
    }
    const Geometry& geometry = state->ledger.geometry();
    const BlockSpan span = geometry.touching(range);
    for (std::uint64_t block = span.first; block < span.end; ++block) {
        if (state->ledger.queued(block)) {
            engine_.queue.promote(*state, span);
            break;
        }
    }
    const std::uint64_t blocks_max =
        std::max<std::uint64_t>(kRangeMaxBytes / geometry.block_bytes, 1);
    return jobs_for(state, state->ledger.request(span, blocks_max), true);
}

std::vector<FetchJob> Fetcher::demand_parked(const StatePtr& state) const {
    std::vector<FetchJob> jobs;
    for (const Waiter& waiter : state->waiters) {
        append(jobs, demand(state, waiter.range));
    }
    return jobs;
}

std::vector<FetchJob> Fetcher::ahead(const StatePtr& state, const ReadAhead::Plan& plan,
                                     Steady now) const {
    const bool pointless =
        plan.window.empty() || state->ledger.verified() || state->dropping || state->mending > 0;
    if (pointless || now < state->ahead_after || engine_.config.offline || !state->storable ||
        !engine_.quota.may_store()) {
        return {};
    }
    const Geometry& geometry = state->ledger.geometry();
    const BlockSpan span = geometry.touching(plan.window);
    const std::uint64_t missing = state->ledger.missing_bytes(span);
    const bool to_the_end = plan.window.end >= geometry.size_bytes;
    // Whole pieces, so that a reader that moves on block by block does not ask block by block.
    if (missing == 0 || (missing < plan.piece_bytes && !to_the_end)) {
        return {};
    }
    const std::uint64_t blocks_max =
        std::max<std::uint64_t>(plan.piece_bytes / geometry.block_bytes, 1);
    return jobs_for(state, state->ledger.request(span, blocks_max), false);
}

// The file to write to: open, or made now. Nothing: it cannot be stored.
std::shared_ptr<BlobFile> Fetcher::file_for(const StatePtr& state, std::uint64_t generation) {
    engine_.open_file(state);
    {
        const std::scoped_lock lock(state->mutex);
        if (state->file != nullptr || state->generation != generation ||
            state->ledger.held().count() > 0 || !state->storable) {
            return state->storable ? state->file : nullptr;
        }
    }
    const CacheDir& dir = engine_.dirs.place();
    auto file = dir.create(state->content);
    if (!file) {
        log::warn("cache.not_storing", {{"error", file.error().message}});
        engine_.quota.set_full(true);
        engine_.housekeeper.poke();
        return nullptr;
    }
    const std::scoped_lock lock(state->mutex);
    if (state->generation != generation) {
        return nullptr;
    }
    state->file = *file;
    state->dir = &dir;
    return *file;
}

// Called by one thread at a time, so a content's file is made once.
void Fetcher::start(const FetchJob& job) {
    const StatePtr& state = job.state;
    RangeSink::Task task;
    task.state = state;
    task.generation = job.generation;
    const auto usable = [&] { return !state->closed && state->generation == job.generation; };
    bool go_on = false;
    {
        const std::scoped_lock lock(state->mutex);
        task.geometry = state->ledger.geometry();
        task.range = task.geometry.bytes(job.blocks);
        go_on = usable() && state->wanted();
        if (go_on) {
            task.where = choose_location(*state, engine_.clock.steady());
        } else if (usable()) {
            state->ledger.unrequest(job.blocks);
        }
    }
    if (go_on && engine_.quota.may_store()) {
        task.file = file_for(state, job.generation);
    }
    std::shared_ptr<RangeSink> sink;
    if (go_on) {
        const std::scoped_lock lock(state->mutex);
        if (usable()) {
            task.flight = state->ledger.start(task.range);
            sink = std::make_shared<RangeSink>(engine_.shared_from_this(), task);
            sink->progress = engine_.clock.steady();
            state->sinks.push_back(sink);
        }
    }
    if (sink == nullptr) {
        engine_.queue.finished(*state);
        return;
    }
    ++engine_.counters.transfers;
    sink->attach(engine_.source.content({task.where, state->content, task.range}, sink));
}

bool Fetcher::arrived(RangeSink& sink, std::size_t bytes) {
    const RangeSink::Task& task = sink.task();
    ContentState& state = *task.state;
    const bool on_disk = task.file != nullptr;
    BlockSpan landed;
    bool go_on = true;
    std::vector<Ready> ready;
    {
        const std::scoped_lock lock(state.mutex);
        if (state.closed || sink.cancelled || state.generation != task.generation) {
            return false;
        }
        const bool first = state.ledger.held().count() == 0;
        landed = state.ledger.advance(task.flight, bytes, on_disk ? Place::disk : Place::memory);
        sink.progress = engine_.clock.steady();
        if (!landed.empty() && on_disk) {
            engine_.quota.stored(task.geometry.bytes(landed).size(), first);
            for (const BlockSum& each : sink.summed) {
                state.sums.set(each.block, each.sum);
            }
        }
        ready = state.take_ready();
        sink.abandoned = sink.abandoned && !state.wanted();
        if (sink.abandoned && !landed.empty() && !worth_finishing(state, sink)) {
            sink.cancelled = true;
            go_on = false;
        }
    }
    engine_.counters.bytes_fetched += bytes;
    if (!on_disk) {
        engine_.counters.bytes_unstored += bytes;
    }
    if (!landed.empty()) {
        if (on_disk) {
            engine_.turns.stored(task.geometry.bytes(landed).size());
            engine_.committer.mark(task.state);
        }
        engine_.verifier.kick(task.state);
    }
    engine_.answers.give(task.state, std::move(ready));
    return go_on;
}

bool Fetcher::try_elsewhere(ContentState& state, const RangeSink& sink, const Error& error,
                            Steady now) const {
    if (error.code != Code::not_found && error.code != Code::denied && error.code != Code::gated) {
        return false;
    }
    bool other = false;
    for (KnownLocation& known : state.locations) {
        if (same(known.where, sink.task().where)) {
            known.refused_until = now + engine_.config.failure_memory;
        }
        other = other || known.refused_until <= now;
    }
    return other;
}

// Takes out the parked reads that need one of these blocks, and remembers what they needed.
void Fetcher::fail_blocks(ContentState& state, BlockSpan rest, const Error& error, Steady now,
                          std::vector<Waiter>& failed) const {
    const Steady until = now + engine_.config.failure_memory;
    state.ahead_after = until;
    for (auto waiter = state.waiters.begin(); waiter != state.waiters.end();) {
        const BlockSpan needs = state.ledger.geometry().touching(waiter->range);
        if (!needs.overlaps(rest)) {
            ++waiter;
            continue;
        }
        if (state.failures.size() < kFailuresMax) {
            const BlockSpan both{std::max(needs.first, rest.first), std::min(needs.end, rest.end)};
            state.failures.push_back({both, error, until});
        }
        failed.push_back(std::move(*waiter));
        waiter = state.waiters.erase(waiter);
    }
}

void Fetcher::ended(const RangeSink& sink, Status status) {
    const RangeSink::Task& task = sink.task();
    ContentState& state = *task.state;
    const Steady now = engine_.clock.steady();
    std::vector<Waiter> failed;
    std::vector<FetchJob> jobs;
    {
        const std::scoped_lock lock(state.mutex);
        std::erase_if(state.sinks, [&](const auto& other) { return other.get() == &sink; });
        if (!state.closed && state.generation == task.generation) {
            const BlockSpan rest = state.ledger.finish(task.flight);
            if (status && !rest.empty()) {
                status = fail(Code::protocol, "upstream ended a range early");
            }
            for (std::uint64_t block = rest.first; block < rest.end; ++block) {
                state.memory.erase(block);
            }
            if (!rest.empty() &&
                (sink.cancelled || try_elsewhere(state, sink, status.error(), now))) {
                jobs = demand_parked(task.state);
            } else if (!rest.empty()) {
                status = as_failure(std::move(status));
                fail_blocks(state, rest, status.error(), now, failed);
            }
            state.trim_memory(engine_.memory_blocks_kept());
        }
    }
    engine_.queue.finished(state);
    if (!status) {
        engine_.answers.refuse(std::move(failed), status.error());
    }
    engine_.queue.push(std::move(jobs));
    settle(task.state);
}

void Fetcher::resume(const StatePtr& state) {
    std::vector<FetchJob> jobs;
    {
        const std::scoped_lock lock(state->mutex);
        if (!state->closed) {
            jobs = demand_parked(state);
        }
    }
    engine_.queue.push(std::move(jobs));
    settle(state);
}

// With the mutex held: whether what is missing of a range that nobody waits for may as well come.
bool Fetcher::worth_finishing(const ContentState& state, const RangeSink& sink) const {
    const auto* flight = state.ledger.flight(sink.task().flight);
    return flight != nullptr && state.storable && engine_.quota.may_store() &&
           flight->range.end - flight->arrived <= engine_.config.finish_bytes;
}

void Fetcher::settle(const StatePtr& state) {
    std::vector<std::shared_ptr<RangeSink>> unwanted;
    {
        const std::scoped_lock lock(state->mutex);
        if (state->closed || state->wanted()) {
            return;
        }
        for (const FetchJob& job : engine_.queue.take(*state)) {
            if (job.generation == state->generation) {
                state->ledger.unrequest(job.blocks);
            }
        }
        for (const auto& sink : state->sinks) {
            if (sink->cancelled || worth_finishing(*state, *sink)) {
                continue;
            }
            // A block that has begun to arrive is finished: clients ask for a file's first byte, go
            // away and come back for the rest, and would have it fetched twice.
            const auto* flight = state->ledger.flight(sink->task().flight);
            const std::uint32_t block_bytes = state->ledger.geometry().block_bytes;
            if (flight != nullptr && flight->arrived % block_bytes != 0) {
                sink->abandoned = true;
            } else {
                unwanted.push_back(sink);
            }
        }
        state->trim_memory(0);
        if (state->sinks.empty() && !state->hashing) {
            state->file.reset();
        }
    }
    for (const auto& sink : unwanted) {
        sink->cancel();
    }
}

void Fetcher::expire(const StatePtr& state, Steady now) {
    const Error error{Code::timed_out, "upstream did not deliver in time"};
    std::vector<Waiter> expired;
    std::vector<std::shared_ptr<RangeSink>> stuck;
    {
        const std::scoped_lock lock(state->mutex);
        const Geometry& geometry = state->ledger.geometry();
        for (auto waiter = state->waiters.begin(); waiter != state->waiters.end();) {
            if (now < waiter->deadline) {
                ++waiter;
                continue;
            }
            const BlockSpan needs = geometry.touching(waiter->range);
            for (const auto& sink : state->sinks) {
                if (geometry.touching(sink->task().range).overlaps(needs) &&
                    sink->progress <= waiter->since) {
                    stuck.push_back(sink);
                }
            }
            if (state->failures.size() < kFailuresMax) {
                state->failures.push_back({needs, error, now + engine_.config.failure_memory});
            }
            expired.push_back(std::move(*waiter));
            waiter = state->waiters.erase(waiter);
        }
    }
    if (expired.empty()) {
        return;
    }
    for (const auto& sink : stuck) {
        sink->cancel();
    }
    engine_.answers.refuse(std::move(expired), error);
    settle(state);
}

}  // namespace hubfs::cache
