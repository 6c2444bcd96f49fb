// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/scrubber.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "fs/base/hash.h"
#include "fs/cache/engine.h"
#include "fs/cache/limits.h"

namespace hubfs::cache {

// The content as it was when the reading began.
struct Scrubber::View {
    ContentState::Look look;
    const CacheDir* dir = nullptr;
    Geometry geometry;
    BlockMap held;
    BlockSums sums;
    bool verified = false;
};

// What the disk has.
struct Scrubber::Found {
    std::vector<BlockSum> other;  // blocks whose sum is not the known one, or is not known
    bool matches = false;         // of a verified content: the whole hash
};

namespace {

struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
};
using Buffer = std::unique_ptr<std::byte, Free>;

// The bytes the disk has, not those that memory has kept of it. Not every filesystem can.
void past_memory(const Fd& file, bool yes) {
    (void)::fcntl(file.get(), F_SETFL, yes ? O_RDONLY | O_DIRECT : O_RDONLY);
}

// Gives each piece of this range to take(); io when it cannot be read to its end, cancelled when
// told so.
template <class Take>
Status read_range(const Fd& file, ByteRange range, const Buffer& buffer, const GoOn& go_on,
                  Take&& take) {
    for (std::uint64_t at = range.first; at < range.end;) {
        if (!go_on()) {
            return fail(Code::cancelled, "cancelled");
        }
        const std::uint64_t left = range.end - at;
        const std::size_t want = std::min<std::uint64_t>(
            kScrubReadBytes, (left + kScrubAlignment - 1) / kScrubAlignment * kScrubAlignment);
        ssize_t n = ::pread(file.get(), buffer.get(), want, static_cast<off_t>(at));
        if (n < 0 && errno == EINVAL) {
            past_memory(file, false);
            n = ::pread(file.get(), buffer.get(), want, static_cast<off_t>(at));
        }
        if (n <= 0) {
            return fail(Code::io, n < 0 ? std::strerror(errno) : "the file is too short");
        }
        const std::uint64_t bytes = std::min(static_cast<std::uint64_t>(n), left);
        take(std::span<const std::byte>(buffer.get(), static_cast<std::size_t>(bytes)));
        at += bytes;
    }
    return {};
}

// The bytes of these blocks, neighbours merged. In order.
std::vector<ByteRange> ranges_of(const std::vector<std::uint64_t>& blocks,
                                 const Geometry& geometry) {
    std::vector<ByteRange> ranges;
    for (const std::uint64_t block : blocks) {
        const ByteRange bytes = geometry.bytes_of(block);
        if (!ranges.empty() && ranges.back().end == bytes.first) {
            ranges.back().end = bytes.end;
        } else {
            ranges.push_back(bytes);
        }
    }
    return ranges;
}

std::vector<std::uint64_t> all_of(const BlockMap& map) {
    std::vector<std::uint64_t> blocks;
    for (std::uint64_t block = map.next_set(0); block < map.blocks();
         block = map.next_set(block + 1)) {
        blocks.push_back(block);
    }
    return blocks;
}

}  // namespace

// Nothing: the content has none of its bytes here, or is another one.
std::optional<Scrubber::View> Scrubber::view(const StatePtr& state, const Content& content) const {
    bool known = false;
    {
        const std::scoped_lock lock(state->mutex);
        known = state->sums_known;
    }
    // Complete contents are resident without their sums.
    const auto rows =
        known ? Result<std::vector<meta::SumRow>>() : engine_.index->sums(content.hash);
    const std::scoped_lock lock(state->mutex);
    if (!state->sums_known) {
        state->know_sums(rows ? *rows : std::vector<meta::SumRow>());
    }
    const BlockLedger& ledger = state->ledger;
    if (state->content != content || ledger.held().count() == 0 || state->dir == nullptr) {
        return std::nullopt;
    }
    return View{state->look(), state->dir,  ledger.geometry(),
                ledger.held(), state->sums, ledger.verified()};
}

Result<Scrubber::Found> Scrubber::read(const Fd& file, const View& view, const Content& content,
                                       const GoOn& go_on) {
    const Buffer buffer(
        static_cast<std::byte*>(std::aligned_alloc(kScrubAlignment, kScrubReadBytes)));
    if (buffer == nullptr) {
        return fail(Code::io, "no memory");
    }
    past_memory(file, true);
    ContentHasher hasher(content.hash.kind, content.size_bytes);
    Found found;
    std::vector<BlockSum> done;
    const BlockMap& held = view.held;
    for (std::uint64_t block = held.next_set(0); block < held.blocks();) {
        const std::uint64_t end = held.next_clear(block);
        const ByteRange range = view.geometry.bytes({block, end});
        BlockSummer summer(view.geometry, range.first);
        const auto take = [&](std::span<const std::byte> bytes) {
            summer.update(bytes, done);
            if (view.verified) {
                hasher.update(bytes);
            }
        };
        if (Status ok = read_range(file, range, buffer, go_on, take); !ok) {
            return std::unexpected(std::move(ok.error()));
        }
        std::erase_if(done,
                      [&](const BlockSum& each) { return view.sums.of(each.block) == each.sum; });
        std::ranges::move(done, std::back_inserter(found.other));
        done.clear();
        block = held.next_set(end);
    }
    found.matches = view.verified && hasher.finish() == content.hash;
    return found;
}

// What was found of a content whose bytes are right: the sums are recorded, where they were not.
void Scrubber::learn(const StatePtr& state, const View& view, const Found& found) {
    if (found.other.empty() || view.geometry.blocks() < 2) {
        return;
    }
    {
        const std::scoped_lock lock(state->mutex);
        if (state->look() != view.look) {
            return;
        }
        for (const BlockSum& each : found.other) {
            state->sums.set(each.block, each.sum);
        }
    }
    engine_.committer.mark(state);
}

Result<Checked> Scrubber::check(const Content& content, const GoOn& go_on) {
    // While this is held the content is not evicted.
    const auto state = engine_.table.acquire(content);
    if (!state) {
        return std::unexpected(state.error());
    }
    for (int tries = 0; tries < kScrubTries; ++tries) {
        const auto now = view(*state, content);
        if (!now) {
            return fail(Code::not_found, "nothing of it is here");
        }
        Checked checked{bytes_in(now->held, now->geometry), {}};
        const auto file = now->dir->open_read_only(content);
        const auto found = file ? read(*file, *now, content, go_on) : std::unexpected(file.error());
        if (!found && found.error().code == Code::cancelled) {
            return std::unexpected(found.error());
        }
        std::vector<std::uint64_t> wrong;
        for (const BlockSum& each : found ? found->other : std::vector<BlockSum>()) {
            if (now->sums.of(each.block) != 0) {
                wrong.push_back(each.block);
            }
        }
        if (found && (now->verified ? found->matches : wrong.empty())) {
            if (now->verified) {
                learn(*state, *now, *found);
            }
            return checked;
        }
        if (wrong.empty()) {
            engine_.verifier.drop(
                *state, now->look.generation,
                found ? Error{Code::corrupt, "the disk has other bytes than were stored"}
                      : found.error());
            wrong = all_of(now->held);
        } else if (!engine_.mender.lose(*state, now->look, wrong)) {
            continue;
        }
        checked.damaged = ranges_of(wrong, now->geometry);
        return checked;
    }
    return fail(Code::unavailable, "its blocks are being replaced");
}

}  // namespace hubfs::cache
