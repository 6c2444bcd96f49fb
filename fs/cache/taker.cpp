// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/taker.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <vector>

#include "fs/base/hash.h"
#include "fs/cache/engine.h"
#include "fs/cache/limits.h"

namespace hubfs::cache {

namespace {

Status write_at(const Fd& file, std::span<const std::byte> bytes, std::uint64_t at) {
    while (!bytes.empty()) {
        const ssize_t n = ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return std::unexpected(system_error("writing a cache file", errno));
        }
        bytes = bytes.subspan(static_cast<std::size_t>(n));
        at += static_cast<std::uint64_t>(n);
    }
    return {};
}

// The next bytes of the file, at most `buffer`; none at its end.
Result<std::size_t> read_at(const Fd& file, std::span<std::byte> buffer, std::uint64_t at) {
    for (;;) {
        const ssize_t n = ::pread(file.get(), buffer.data(), buffer.size(), static_cast<off_t>(at));
        if (n >= 0) {
            return static_cast<std::size_t>(n);
        }
        if (errno != EINTR) {
            return std::unexpected(system_error("reading", errno));
        }
    }
}

// Success: `to` has exactly this content, also on the disk.
Status copy(const Content& content, const Fd& from, const Fd& to, const GoOn& go_on) {
    ContentHasher hasher(content.hash.kind, content.size_bytes);
    std::vector<std::byte> piece(kTakeReadBytes);
    for (;;) {
        if (!go_on()) {
            return fail(Code::cancelled, "cancelled");
        }
        const auto n = read_at(from, piece, hasher.hashed());
        if (!n) {
            return std::unexpected(n.error());
        }
        if (*n == 0) {
            break;
        }
        if (*n > content.size_bytes - hasher.hashed()) {
            return fail(Code::corrupt, "it is longer than its listing says");
        }
        const auto bytes = std::span(piece).first(*n);
        if (Status written = write_at(to, bytes, hasher.hashed()); !written) {
            return written;
        }
        hasher.update(bytes);
    }
    if (hasher.hashed() != content.size_bytes) {
        return fail(Code::corrupt, "it is shorter than its listing says");
    }
    if (hasher.finish() != content.hash) {
        return fail(Code::corrupt, "its bytes are not what its hash says");
    }
    return ::fsync(to.get()) == 0 ? Status()
                                  : std::unexpected(system_error("syncing a cache file", errno));
}

}  // namespace

Result<bool> Taker::take(const Content& content, const Fd& file, const GoOn& go_on) {
    if (!engine_.quota.may_store() || content.size_bytes > engine_.quota.limit_bytes()) {
        return fail(Code::unavailable, "the cache has no room for it");
    }
    const CacheDir& dir = engine_.dirs.place();
    const auto beside = dir.create_beside(content.hash);
    if (!beside) {
        return std::unexpected(beside.error());
    }
    if (Status copied = copy(content, file, *beside, go_on); !copied) {
        dir.discard(content.hash);
        return std::unexpected(std::move(copied.error()));
    }
    // What is here in part goes, and from then on nobody opens it until it is recorded.
    (void)engine_.evictor.evict(content.hash);
    if (!engine_.table.begin_evict(content.hash)) {
        dir.discard(content.hash);
        return fail(Code::unavailable, "it is being read just now");
    }
    auto taken = record(content, dir);
    engine_.table.end_evict(content.hash);
    if (!taken || !*taken) {
        dir.discard(content.hash);
    }
    if (engine_.quota.over()) {
        engine_.housekeeper.poke();
    }
    return taken;
}

Result<bool> Taker::record(const Content& content, const CacheDir& dir) {
    if (const auto known = record_of(*engine_.index, content.hash)) {
        if (known->verified) {
            return false;
        }
        return fail(Code::unavailable, "it is being fetched just now");
    }
    // The bytes and the name are on the disk before a record says so.
    if (Status named = dir.take_in(content.hash); !named) {
        return std::unexpected(std::move(named.error()));
    }
    if (Status synced = dir.sync(); !synced) {
        return std::unexpected(std::move(synced.error()));
    }
    engine_.turns.stored(content.size_bytes);
    const Status applied = engine_.index->apply(
        {{content.hash, BlobIndex::Record{.size_bytes = content.size_bytes,
                                          .block_bytes = engine_.config.block_bytes,
                                          .verified = true,
                                          .bitmap = {},
                                          .directory = dir.number(),
                                          .last_used = engine_.clock.now(),
                                          .warmth = engine_.turns.now()}}},
        engine_.turns.now());
    if (!applied) {
        return std::unexpected(applied.error());
    }
    engine_.quota.stored(content.size_bytes, true);
    engine_.quota.verified_one();
    return true;
}

}  // namespace hubfs::cache
