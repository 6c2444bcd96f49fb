// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/block_ledger.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace hubfs::cache {

BlockLedger::BlockLedger(Geometry geometry)
    : geometry_(geometry), held_(geometry.blocks()), requested_(geometry.blocks()) {}

BlockLedger::BlockLedger(Geometry geometry, BlockMap held, bool verified)
    : geometry_(geometry),
      held_(std::move(held)),
      requested_(geometry.blocks()),
      verified_(verified) {
    // Complete and not verified: the daemon died between the two. Which block came last is not
    // known any more; any one will do.
    if (!verified_ && held_.full() && held_.blocks() > 0) {
        last_ = held_.blocks() - 1;
    }
}

bool BlockLedger::here(std::uint64_t block) const {
    return held_.test(block) || memory_.contains(block);
}

// Blocks whose bytes were not here since the hash began.
std::uint64_t BlockLedger::unseen() const {
    const std::uint64_t blocks = geometry_.blocks();
    if (!memory_lost_) {
        return blocks - held_.count() - memory_.size();
    }
    std::uint64_t seen = 0;
    for (std::uint64_t block = 0; block < blocks; ++block) {
        seen += block < hashed_ || here(block) ? 1U : 0U;
    }
    return blocks - seen;
}

bool BlockLedger::complete() const {
    return unseen() == 0;
}

bool BlockLedger::withheld(std::uint64_t block) const {
    if (verified_) {
        return false;
    }
    if (const auto found = memory_.find(block); found != memory_.end() && found->second) {
        return false;
    }
    if (here(block)) {
        return block == last_ && unseen() == 0;
    }
    return block >= hashed_ && unseen() == 1;
}

bool BlockLedger::readable(ByteRange range) const {
    if (verified_) {
        return true;
    }
    const BlockSpan span = geometry_.touching(range);
    for (std::uint64_t block = span.first; block < span.end; ++block) {
        if (!here(block)) {
            const std::uint64_t end = std::min(range.end, geometry_.bytes_of(block).end);
            const bool arrived = std::ranges::any_of(flights_, [&](const Flight& flight) {
                return flight.range.first <= geometry_.bytes_of(block).first &&
                       end <= flight.arrived;
            });
            if (!arrived) {
                return false;
            }
        }
        if (withheld(block)) {
            return false;
        }
    }
    return true;
}

bool BlockLedger::holds(ByteRange range) const {
    if (verified_ || range.empty()) {
        return true;
    }
    const BlockSpan span = geometry_.touching(range);
    const bool waits = last_ && span.contains(*last_) && withheld(*last_);
    return held_.test_all(span) && !waits;
}

bool BlockLedger::queued(std::uint64_t block) const {
    const std::uint64_t first = geometry_.bytes_of(block).first;
    return requested_.test(block) && !here(block) &&
           std::ranges::none_of(flights_, [&](const Flight& flight) {
               return flight.range.first <= first && first < flight.range.end;
           });
}

std::uint64_t BlockLedger::missing_bytes(BlockSpan wanted) const {
    std::uint64_t bytes = 0;
    for (std::uint64_t block = wanted.first; block < wanted.end; ++block) {
        if (!here(block) && !requested_.test(block)) {
            bytes += geometry_.bytes_of(block).size();
        }
    }
    return bytes;
}

std::vector<BlockSpan> BlockLedger::request(BlockSpan wanted, std::uint64_t blocks_max) {
    std::vector<BlockSpan> spans;
    for (std::uint64_t block = wanted.first; block < wanted.end; ++block) {
        if (here(block) || requested_.test(block)) {
            continue;
        }
        requested_.set(block);
        if (!spans.empty() && spans.back().end == block && spans.back().size() < blocks_max) {
            spans.back().end = block + 1;
        } else {
            spans.push_back({block, block + 1});
        }
    }
    return spans;
}

void BlockLedger::unrequest(BlockSpan span) {
    for (std::uint64_t block = span.first; block < span.end; ++block) {
        requested_.reset(block);
    }
}

std::uint64_t BlockLedger::start(ByteRange range) {
    assert(range.first % geometry_.block_bytes == 0);
    flights_.push_back({next_flight_, range, range.first});
    return next_flight_++;
}

const BlockLedger::Flight* BlockLedger::flight(std::uint64_t id) const {
    const auto found = std::ranges::find(flights_, id, &Flight::id);
    return found == flights_.end() ? nullptr : &*found;
}

BlockSpan BlockLedger::advance(std::uint64_t id, std::uint64_t bytes, Place place) {
    const auto found = std::ranges::find(flights_, id, &Flight::id);
    assert(found != flights_.end() && found->arrived + bytes <= found->range.end);
    const std::uint64_t before = found->arrived;
    found->arrived += bytes;
    // A block is complete at its own end, which for the last one is the content's.
    const auto done_at = [&](std::uint64_t arrived) {
        return arrived == geometry_.size_bytes ? geometry_.blocks()
                                               : arrived / geometry_.block_bytes;
    };
    const BlockSpan landed{done_at(before), done_at(found->arrived)};
    for (std::uint64_t block = landed.first; block < landed.end; ++block) {
        land(block, place);
    }
    return landed;
}

void BlockLedger::land(std::uint64_t block, Place place) {
    requested_.reset(block);
    if (place == Place::memory && !held_.test(block)) {
        memory_[block] = false;
    } else {
        held_.set(block);
        memory_.erase(block);
    }
    if (!verified_ && unseen() == 0) {
        last_ = block;
    }
}

BlockSpan BlockLedger::finish(std::uint64_t id) {
    const auto found = std::ranges::find(flights_, id, &Flight::id);
    if (found == flights_.end()) {
        return {};
    }
    BlockSpan rest = geometry_.touching(found->range);
    rest.first =
        found->arrived == geometry_.size_bytes ? rest.end : found->arrived / geometry_.block_bytes;
    flights_.erase(found);
    unrequest(rest);
    return rest;
}

void BlockLedger::forget_memory(std::uint64_t block) {
    memory_lost_ = memory_.erase(block) > 0 || memory_lost_;
}

std::uint64_t BlockLedger::hashable_end() const {
    std::uint64_t block = hashed_;
    while (block < geometry_.blocks() && here(block)) {
        // Long runs on disk are skipped at once.
        block = std::max(block + 1, held_.next_clear(block));
    }
    return block;
}

void BlockLedger::verify() {
    if (held_.full()) {
        verified_ = true;
        memory_.clear();
    }
    for (auto& [block, trusted] : memory_) {
        trusted = true;
    }
    // What is not on disk in full is hashed anew when more of it comes.
    hashed_ = 0;
    last_.reset();
}

void BlockLedger::lose(const std::vector<std::uint64_t>& blocks) {
    for (const std::uint64_t block : blocks) {
        held_.reset(block);
    }
    verified_ = false;
    hashed_ = 0;
    last_.reset();
}

void BlockLedger::clear() {
    const std::uint64_t next = next_flight_;
    *this = BlockLedger(geometry_);
    next_flight_ = next;
}

}  // namespace hubfs::cache
