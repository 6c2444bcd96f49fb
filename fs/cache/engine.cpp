// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/engine.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "fs/base/log.h"
#include "fs/cache/limits.h"
#include "fs/cache/range_sink.h"

namespace hubfs::cache {

Engine::Engine(CacheConfig settings, std::unique_ptr<BlobIndex> records, CacheDirs directories,
               upstream::Source& upstream, const Clock& time)
    : config(std::move(settings)),
      index(std::move(records)),
      dirs(std::move(directories)),
      source(upstream),
      clock(time),
      quota(config.size_bytes),
      turns(config.size_bytes),
      table(*index, dirs, config.block_bytes),
      fetcher(*this),
      committer(*this),
      evictor(*this),
      queue(config.connections, [this](const FetchJob& job) { fetcher.start(job); }),
      answers(*this),
      verifier(*this),
      mender(*this),
      expiry("cache-expiry", kExpiryTick,
             [this] {
                 const Steady now = clock.steady();
                 for (const StatePtr& state : table.all()) {
                     fetcher.expire(state, now);
                 }
                 return counters.waiters > 0;
             }),
      housekeeper("cache-keeper", kCommitInterval,
                  [this] {
                      (void)committer.commit();  // logged; what failed is tried again
                      return evictor.run() || committer.dirty();
                  }),
      adopter(*this) {}

std::size_t Engine::memory_blocks_kept() const {
    const std::uint64_t bytes = counters.memory_bytes;
    if (bytes <= kMemoryMaxBytes) {
        return SIZE_MAX;
    }
    return bytes <= 2 * kMemoryMaxBytes ? kMemoryBlocksKept : 0;
}

void Engine::open_file(const StatePtr& state) {
    const CacheDir* dir = nullptr;
    std::uint64_t generation = 0;
    {
        const std::scoped_lock lock(state->mutex);
        if (state->file != nullptr || state->ledger.held().count() == 0 || state->dropping) {
            return;
        }
        dir = state->dir;
        generation = state->generation;
    }
    auto file = dir->open_file(state->content);
    if (!file) {
        verifier.drop(state, generation, file.error());
        return;
    }
    const std::scoped_lock lock(state->mutex);
    if (state->generation == generation && state->file == nullptr) {
        state->file = std::move(*file);
    }
}

void Engine::shutdown() {
    adopter.stop();
    queue.close();
    for (const StatePtr& state : table.all()) {
        std::vector<Waiter> waiters;
        std::vector<std::shared_ptr<RangeSink>> sinks;
        {
            const std::scoped_lock lock(state->mutex);
            state->closed = true;
            std::ranges::move(state->waiters, std::back_inserter(waiters));
            state->waiters.clear();
            sinks = state->sinks;
        }
        for (const auto& sink : sinks) {
            sink->cancel();
        }
        answers.refuse(std::move(waiters), {Code::cancelled, "the cache is closing"});
    }
    if (!queue.wait_idle(kCloseWait)) {
        log::error("cache.transfers_left", {{"transfers", queue.running()}});
    }
    expiry.stop();
    housekeeper.stop();
    verifier.stop();
    answers.stop();
    (void)committer.commit();  // logged
    dirs.unlock();             // readers that are still open keep this object, not the disks
}

}  // namespace hubfs::cache
