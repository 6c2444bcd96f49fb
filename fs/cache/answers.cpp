// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/answers.h"

#include <cstring>
#include <utility>

#include "fs/cache/engine.h"
#include "fs/cache/limits.h"

namespace hubfs::cache {

Answers::Answers(Engine& engine)
    : engine_(engine), pool_("cache-answer", kAnswerThreads, kAnswerQueueMax) {}

Result<Bytes> Answers::read(const StatePtr& state, const ReadPlan& plan) {
    if (!engine_.mender.sound(state, plan)) {
        return fail(Code::stale, "blocks were damaged on the disk");
    }
    auto bytes = std::make_shared<std::vector<std::byte>>(plan.range.size());
    for (const ReadPlan::Part& part : plan.parts) {
        const std::span<std::byte> to =
            std::span(*bytes).subspan(part.range.first - plan.range.first, part.range.size());
        if (part.memory != nullptr) {
            std::memcpy(to.data(),
                        part.memory->bytes.data() + (part.range.first - part.memory_first),
                        to.size());
            continue;
        }
        const Status read = plan.file != nullptr ? plan.file->read_at(to, part.range.first)
                                                 : fail(Code::io, "a cache file is not open");
        if (!read) {
            engine_.verifier.drop(state, plan.generation, read.error());
            return std::unexpected(read.error());
        }
    }
    return Bytes(std::move(bytes));
}

void Answers::serve(const StatePtr& state, const ReadPlan& plan, Done<Bytes> done) {
    Result<Bytes> bytes = read(state, plan);
    if (!bytes && bytes.error().code == Code::stale) {
        engine_.fetcher.read(state, {plan.range, {}, plan.mismatches}, std::move(done));
        return;
    }
    if (bytes) {
        engine_.counters.bytes_served += plan.range.size();
    } else {
        engine_.counters.failed(bytes.error().code);
    }
    done(std::move(bytes));
}

void Answers::give(const StatePtr& state, std::vector<Ready> ready) {
    for (Ready& one : ready) {
        --engine_.counters.waiters;
        ThreadPool::Job job = [this, state, one = std::move(one)]() mutable {
            serve(state, one.plan, std::move(one.waiter.done));
            engine_.fetcher.settle(state);
        };
        if (!pool_.submit(job)) {
            job();
        }
    }
}

void Answers::refuse(std::vector<Waiter> waiters, const Error& error) {
    engine_.counters.waiters -= waiters.size();
    engine_.counters.failed(error.code, waiters.size());
    for (Waiter& waiter : waiters) {
        waiter.done(std::unexpected(error));
    }
}

}  // namespace hubfs::cache
