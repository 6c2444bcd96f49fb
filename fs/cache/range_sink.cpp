// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/range_sink.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "fs/base/log.h"
#include "fs/cache/engine.h"

namespace hubfs::cache {

RangeSink::RangeSink(std::shared_ptr<Engine> engine, Task task)
    : engine_(std::move(engine)),
      summer_(task.geometry, task.range.first),
      task_(std::move(task)) {}

RangeSink::Position RangeSink::position(std::size_t bytes) {
    const std::scoped_lock lock(task_.state->mutex);
    const ContentState& state = *task_.state;
    const BlockLedger::Flight* flight = state.ledger.flight(task_.flight);
    if (state.closed || cancelled || state.generation != task_.generation || flight == nullptr) {
        return {};
    }
    if (bytes > flight->range.end - flight->arrived) {
        broken_ = Error{Code::protocol, "upstream sent more bytes than the range has"};
        return {};
    }
    return {flight->arrived, true};
}

bool RangeSink::on_bytes(std::span<const std::byte> bytes) {
    const Position position_now = position(bytes.size());
    if (!position_now.go_on) {
        return false;
    }
    const std::uint64_t at = position_now.at;
    summed.clear();
    if (task_.file != nullptr) {
        summer_.update(bytes, summed);
        if (const Status written = task_.file->write_at(bytes, at); !written) {
            spill(at, written.error());
        }
    }
    if (task_.file == nullptr) {
        put_in_memory(bytes, at);
    }
    return engine_->fetcher.arrived(*this, bytes.size());
}

// The disk takes no more: this range goes on in memory, the block under way included. Readers may
// be at what has arrived of that block, so its copy is complete before they can find it.
void RangeSink::spill(std::uint64_t at, const Error& why) {
    log::warn("cache.not_storing", {{"error", why.message}});
    engine_->quota.set_full(true);
    engine_->housekeeper.poke();
    const std::shared_ptr<BlobFile> file = std::exchange(task_.file, nullptr);
    const std::uint64_t block = at / task_.geometry.block_bytes;
    const ByteRange whole = task_.geometry.bytes_of(block);
    if (at == whole.first) {
        return;
    }
    auto memory = std::make_shared<MemoryBlock>(whole.size(), engine_->counters);
    const std::span<std::byte> head = std::span(memory->bytes).first(at - whole.first);
    if (const Status read = file->read_at(head, whole.first); !read) {
        engine_->verifier.drop(task_.state, task_.generation, read.error());
        return;
    }
    const std::scoped_lock lock(task_.state->mutex);
    if (task_.state->generation == task_.generation) {
        task_.state->memory[block] = std::move(memory);
    }
}

void RangeSink::put_in_memory(std::span<const std::byte> bytes, std::uint64_t at) {
    while (!bytes.empty()) {
        const std::uint64_t block = at / task_.geometry.block_bytes;
        const ByteRange whole = task_.geometry.bytes_of(block);
        const std::size_t n = std::min<std::size_t>(bytes.size(), whole.end - at);
        std::shared_ptr<MemoryBlock> memory;
        {
            const std::scoped_lock lock(task_.state->mutex);
            if (task_.state->generation != task_.generation) {
                return;
            }
            auto& place = task_.state->memory[block];
            if (place == nullptr) {
                place = std::make_shared<MemoryBlock>(whole.size(), engine_->counters);
            }
            memory = place;
        }
        // Readers look at these bytes only once the ledger says that they have arrived.
        std::memcpy(memory->bytes.data() + (at - whole.first), bytes.data(), n);
        bytes = bytes.subspan(n);
        at += n;
    }
}

void RangeSink::on_done(Status status) {
    if (broken_) {
        status = std::unexpected(*broken_);
    }
    engine_->fetcher.ended(*this, std::move(status));
}

void RangeSink::attach(std::shared_ptr<upstream::Transfer> transfer) {
    {
        const std::scoped_lock lock(task_.state->mutex);
        transfer_ = transfer;
        if (!cancelled || transfer == nullptr) {
            return;
        }
    }
    transfer->cancel();
}

void RangeSink::cancel() {
    std::shared_ptr<upstream::Transfer> transfer;
    {
        const std::scoped_lock lock(task_.state->mutex);
        cancelled = true;
        transfer = transfer_;
    }
    if (transfer != nullptr) {
        transfer->cancel();
    }
}

}  // namespace hubfs::cache
