// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/cache_impl.h"

#include <algorithm>
#include <utility>

#include "fs/base/hash.h"
#include "fs/base/log.h"
#include "fs/cache/block_reader.h"
#include "fs/cache/engine.h"
#include "fs/cache/limits.h"
#include "fs/cache/scrubber.h"
#include "fs/cache/taker.h"

namespace hubfs::cache {

Result<std::unique_ptr<BlockCache>> CacheImpl::open(CacheConfig config,
                                                    std::unique_ptr<BlobIndex> index,
                                                    upstream::Source& source, const Clock& clock) {
    if (config.block_bytes < kBlockMinBytes || config.block_bytes > kBlockMaxBytes) {
        return fail(Code::invalid, "cache.block must be between 4KiB and 64MiB");
    }
    Result<CacheDirs> dirs = CacheDirs::open(config.dirs, *index);
    if (!dirs) {
        return std::unexpected(std::move(dirs.error()));
    }
    Result<Recovered> recovered = dirs->recover(*index);
    if (!recovered) {
        return std::unexpected(std::move(recovered.error()));
    }
    const auto turns = index->turns();
    if (!turns) {
        return within("reading the clock of eviction", turns.error());
    }
    const Totals& totals = recovered->totals;
    auto engine = std::make_shared<Engine>(std::move(config), std::move(index), std::move(*dirs),
                                           source, clock);
    engine->quota.start(totals);
    engine->turns.start(turns->value_or(meta::weeks_since_1970(clock.now())));
    log::info(
        "cache.open",
        {{"contents", totals.contents}, {"bytes", totals.bytes}, {"verified", totals.verified}});
    if (engine->quota.over()) {
        engine->housekeeper.poke();
    }
    engine->adopter.start(std::move(recovered->orphans));
    return std::unique_ptr<BlockCache>(new CacheImpl(std::move(engine)));
}

CacheImpl::CacheImpl(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}

CacheImpl::~CacheImpl() {
    engine_->shutdown();
}

Result<std::unique_ptr<Reader>> CacheImpl::open_reader(Content content, ContentLocation where) {
    if (content.size_bytes == 0) {
        if (hash_content(content.hash.kind, {}) != content.hash) {
            return fail(Code::corrupt, "an empty content with the name of another");
        }
        return std::make_unique<EmptyReader>();
    }
    if (content.size_bytes > kContentMaxBytes ||
        content.size_bytes / engine_->config.block_bytes >= kBlocksMax) {
        return fail(Code::unsupported, "content of more than the cache can book");
    }
    Result<StatePtr> state = engine_->table.acquire(content);
    if (state && (*state)->content.size_bytes != content.size_bytes) {
        // One hash, two sizes: some listing lies. The one that is verified is right; else the one
        // that is used now, else the new one.
        const bool keep = verified((*state)->content);
        state->reset();
        if (keep) {
            return fail(Code::corrupt, "the size contradicts what is known of this content");
        }
        if (!engine_->evictor.evict(content.hash)) {
            return fail(Code::unavailable, "content is in use with another size");
        }
        state = engine_->table.acquire(content);
    }
    if (!state) {
        return std::unexpected(std::move(state.error()));
    }
    if ((*state)->content.size_bytes != content.size_bytes) {
        return fail(Code::unavailable, "content is in use with another size");
    }
    return std::make_unique<BlockReader>(engine_, std::move(*state), where);
}

template <class T, class F>
T CacheImpl::from_ledger(const Content& content, T none, F&& ask) const {
    if (const StatePtr state = engine_->table.peek(content.hash)) {
        const std::scoped_lock lock(state->mutex);
        return state->content == content ? ask(state->ledger) : none;
    }
    const auto record = record_of(*engine_->index, content.hash);
    if (!record || record->size_bytes != content.size_bytes) {
        return none;
    }
    const auto ledger = ledger_from(*record);
    return ledger ? ask(*ledger) : none;
}

bool CacheImpl::held(const Content& content, ByteRange range) const {
    if (range.empty()) {
        return true;
    }
    if (range.end > content.size_bytes) {
        return false;
    }
    return from_ledger(content, false, [&](const BlockLedger& l) { return l.holds(range); });
}

bool CacheImpl::verified(const Content& content) const {
    if (content.size_bytes == 0) {
        return hash_content(content.hash.kind, {}) == content.hash;
    }
    return from_ledger(content, false, [](const BlockLedger& l) { return l.verified(); });
}

std::uint64_t CacheImpl::cached_bytes(const Content& content) const {
    return from_ledger(content, std::uint64_t{0}, [](const BlockLedger& ledger) {
        return bytes_in(ledger.held(), ledger.geometry());
    });
}

std::vector<ByteRange> CacheImpl::ranges(const Content& content, std::size_t max) const {
    return from_ledger(content, std::vector<ByteRange>{}, [&](const BlockLedger& ledger) {
        std::vector<ByteRange> ranges;
        const BlockMap& held = ledger.held();
        for (std::uint64_t block = held.next_set(0);
             block < held.blocks() && ranges.size() < max;) {
            const std::uint64_t end = held.next_clear(block);
            ranges.push_back(ledger.geometry().bytes({block, end}));
            block = held.next_set(end);
        }
        return ranges;
    });
}

std::uint64_t CacheImpl::evict(const Content& content) {
    const std::uint64_t bytes = cached_bytes(content);
    return content.size_bytes > 0 && engine_->evictor.evict(content.hash) ? bytes : 0;
}

Result<Checked> CacheImpl::check(const Content& content, const GoOn& go_on) {
    if (content.size_bytes == 0 || cached_bytes(content) == 0) {
        return fail(Code::not_found, "nothing of it is here");
    }
    return Scrubber(*engine_).check(content, go_on);
}

Result<bool> CacheImpl::take(const Content& content, const Fd& file, const GoOn& go_on) {
    if (content.size_bytes > kContentMaxBytes ||
        content.size_bytes / engine_->config.block_bytes >= kBlocksMax) {
        return fail(Code::unsupported, "content of more than the cache can book");
    }
    if (verified(content)) {
        return false;
    }
    if (content.size_bytes == 0) {
        return fail(Code::corrupt, "an empty content with the name of another");
    }
    return Taker(*engine_).take(content, file, go_on);
}

Result<std::vector<Content>> CacheImpl::stored_contents() const {
    std::vector<Content> contents;
    const Status read =
        engine_->index->for_each([&](const ContentHash& hash, const BlobIndex::Record& record) {
            contents.push_back({hash, record.size_bytes});
        });
    return read ? Result<std::vector<Content>>(std::move(contents)) : std::unexpected(read.error());
}

CacheUsage CacheImpl::usage() const {
    const Quota& quota = engine_->quota;
    return {quota.limit_bytes(), quota.used_bytes(), quota.contents(), quota.verified()};
}

std::string CacheImpl::stats_json() const {
    const CacheUsage use = usage();
    std::string members;
    append_member(members, "limit_bytes", use.limit_bytes);
    append_member(members, "used_bytes", use.used_bytes);
    append_member(members, "contents", use.contents);
    append_member(members, "verified_contents", use.verified);
    append_member(members, "resident_contents", engine_->table.resident());
    append_member(members, "transfers_running", engine_->queue.running());
    append_member(members, "ranges_queued", engine_->queue.queued());
    append_member(members, "files_to_adopt", engine_->adopter.left());
    append_member(members, "full", engine_->quota.may_store() ? 0 : 1);
    return "{" + members + "," + to_json_members(engine_->counters) + "}";
}

Status CacheImpl::flush() {
    const Status committed = engine_->committer.commit();
    (void)engine_->evictor.run();
    return committed;
}

}  // namespace hubfs::cache
