// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/block_reader.h"

#include <algorithm>
#include <utility>

#include "fs/cache/engine.h"
#include "fs/cache/limits.h"

namespace hubfs::cache {

namespace {

std::uint32_t block_bytes_of(const ContentState& state) {
    const std::scoped_lock lock(state.mutex);
    return state.ledger.geometry().block_bytes;
}

// The newest first, each once, the oldest forgotten when there are too many.
void add_location(std::vector<KnownLocation>& locations, const ContentLocation& where) {
    std::erase_if(locations, [&](const KnownLocation& known) {
        return known.where.repo == where.repo && known.where.commit == where.commit &&
               known.where.path == where.path;
    });
    locations.insert(locations.begin(), {where, {}});
    locations.resize(std::min(locations.size(), kLocationsMax));
}

}  // namespace

BlockReader::BlockReader(std::shared_ptr<Engine> engine, StatePtr state,
                         const ContentLocation& where)
    : engine_(std::move(engine)),
      state_(std::move(state)),
      ahead_(state_->content.size_bytes, block_bytes_of(*state_)) {
    {
        const std::scoped_lock lock(state_->mutex);
        ++state_->readers;
        mismatches_ = state_->mismatches;
        add_location(state_->locations, where);
    }
    touch();
    engine_->open_file(state_);
    // Complete but not verified: the last daemon died in between.
    bool unverified = false;
    {
        const std::scoped_lock lock(state_->mutex);
        unverified = state_->ledger.held().full() && !state_->ledger.verified();
    }
    if (unverified) {
        engine_->verifier.kick(state_);
    }
}

BlockReader::~BlockReader() {
    {
        const std::scoped_lock lock(state_->mutex);
        --state_->readers;
        state_->touched = engine_->clock.steady();
    }
    engine_->fetcher.settle(state_);
    if (engine_->quota.full()) {
        engine_->housekeeper.poke();  // what it held may leave now
    }
}

// An open is a use unless one was counted a moment ago: the many opens of one job are one use, and
// no writes.
void BlockReader::touch() {
    const Instant now = engine_->clock.now();
    const Turns turns = engine_->turns.now();
    bool record = false;
    {
        const std::scoped_lock lock(state_->mutex);
        state_->touched = engine_->clock.steady();
        if (now - state_->last_used >= kTouchInterval) {
            state_->last_used = now;
            state_->warmth = used(state_->warmth, turns);
            record = state_->ledger.held().count() > 0 && !state_->closed;
        }
    }
    if (record) {
        engine_->committer.mark(state_);
    }
}

void BlockReader::read(std::uint64_t offset, std::size_t size, Done<Bytes> done) {
    const std::uint64_t all = state_->content.size_bytes;
    if (offset >= all || size == 0) {
        done(std::make_shared<const std::vector<std::byte>>());
        return;
    }
    ReadRequest request;
    request.range = {offset, offset + std::min<std::uint64_t>(size, all - offset)};
    request.mismatches = mismatches_;
    {
        const std::scoped_lock lock(mutex_);
        request.ahead = ahead_.on_read(request.range);
    }
    engine_->fetcher.read(state_, request, std::move(done));
}

Fd BlockReader::verified_file() const {
    const CacheDir* dir = nullptr;
    std::uint64_t generation = 0;
    {
        const std::scoped_lock lock(state_->mutex);
        if (!state_->ledger.verified() || state_->closed) {
            return {};
        }
        dir = state_->dir;
        generation = state_->generation;
    }
    auto fd = dir->open_read_only(state_->content);
    if (!fd) {
        engine_->verifier.drop(state_, generation, fd.error());
        return {};
    }
    return std::move(*fd);
}

}  // namespace hubfs::cache
