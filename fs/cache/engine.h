// SPDX-License-Identifier: Apache-2.0
// The parts of one block cache, wired together; each knows the others through this. Owned by the
// BlockCache, its readers and the transfers under way, so that a late call meets living memory.
#pragma once

#include <memory>
#include <vector>

#include "fs/cache/adopter.h"
#include "fs/cache/answers.h"
#include "fs/cache/blob_index.h"
#include "fs/cache/block_cache.h"
#include "fs/cache/cache_dirs.h"
#include "fs/cache/committer.h"
#include "fs/cache/content_table.h"
#include "fs/cache/counters.h"
#include "fs/cache/evictor.h"
#include "fs/cache/fetch_queue.h"
#include "fs/cache/fetcher.h"
#include "fs/cache/mender.h"
#include "fs/cache/quota.h"
#include "fs/cache/ticker.h"
#include "fs/cache/verifier.h"
#include "fs/cache/warmth.h"
#include "fs/upstream/source.h"

namespace hubfs::cache {

struct Engine : std::enable_shared_from_this<Engine> {
    Engine(CacheConfig settings, std::unique_ptr<BlobIndex> records, CacheDirs directories,
           upstream::Source& upstream, const Clock& time);

    // Answers every parked read with Code::cancelled, ends transfers, writes what is durable and
    // stops the threads. Readers that are still open get Code::cancelled from then on.
    void shutdown();

    // Opens the content's file if it has one and it is not open. A file that is gone loses the
    // content's blocks.
    void open_file(const StatePtr& state);
    [[nodiscard]] std::size_t memory_blocks_kept() const;

    const CacheConfig config;
    const std::unique_ptr<BlobIndex> index;
    const CacheDirs dirs;
    upstream::Source& source;
    const Clock& clock;
    Counters counters;
    Quota quota;
    TurnClock turns;  // goes by what is stored; CacheImpl::open() starts it
    ContentTable table;
    Fetcher fetcher;
    Committer committer;
    Evictor evictor;
    FetchQueue queue;
    Answers answers;
    Verifier verifier;
    Mender mender;
    Ticker expiry;       // fails reads at their deadline
    Ticker housekeeper;  // group commits and eviction
    Adopter adopter;     // files of a lost store
};

}  // namespace hubfs::cache
