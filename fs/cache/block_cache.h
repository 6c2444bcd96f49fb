// SPDX-License-Identifier: Apache-2.0
// File contents as blocks on disk, fetched on demand: the door to fs/cache. Content-addressed, so
// the same file in ten repositories is stored and fetched once. Thread-safe.
//
// Promises: a reader gets upstream's bytes or an error, never anything else. Content of up to one
// block is verified before its first byte leaves; larger content streams and its last missing
// block is released only when the whole hash matched. A block is held once its bytes are on disk
// and durable only after them (one syncfs per directory and group commit, at most one a second).
// One fetch per byte range, whoever asks. A disk that is full means serving without storing.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/fd.h"
#include "fs/base/hub_types.h"
#include "fs/base/result.h"

namespace hubfs::meta {
class BlobTable;
}
namespace hubfs::upstream {
class Source;
}

namespace hubfs::cache {

using ContentSet = std::unordered_set<ContentHash, ContentHashHasher>;

struct CacheConfig {
    std::vector<std::string> dirs;
    std::uint64_t size_bytes = 100ULL << 30;
    std::uint32_t block_bytes = 1U << 20;
    std::chrono::milliseconds deadline{
        std::chrono::seconds(30)};                   // upstream's; a reader waits + 5 s
    std::chrono::milliseconds failure_memory{2000};  // a failed range fails again without asking
    std::uint32_t connections = 16;                  // parallel ranges upstream at most
    // A transfer that nobody needs any more is finished when no more than this is missing: that
    // much is on its way already, and cancelled it would be fetched again by the next reader.
    std::uint64_t finish_bytes = 2ULL << 20;
    bool offline = false;
    // Contents that are never evicted, asked for at the beginning of each eviction. May be empty.
    std::function<ContentSet()> pinned{};
    // Told when blocks of a content were dropped because they were wrong: what readers
    // got from it may be wrong (the mount drops the kernel's pages). From a thread of the cache,
    // without any lock, before the parked reads fail; must not block. May be empty.
    std::function<void(const ContentHash&)> on_dropped;
};

// Asked now and then by what takes long: false ends it.
using GoOn = std::function<bool()>;

// The bytes of one answer, in memory that this process has written (never a mapping).
using Bytes = std::shared_ptr<const std::vector<std::byte>>;

struct CacheUsage {
    std::uint64_t limit_bytes = 0;
    std::uint64_t used_bytes = 0;
    std::uint64_t contents = 0;
    std::uint64_t verified = 0;
};

// What a check found.
struct Checked {
    std::uint64_t bytes = 0;         // that were looked at
    std::vector<ByteRange> damaged;  // dropped, in order
    [[nodiscard]] bool good() const { return damaged.empty(); }
};

// One open of one content by one reader; keeps the content from being evicted and remembers where
// its reader is (read-ahead). Destroying it ends read-ahead, not fetches others wait for. When
// blocks are dropped because they were wrong, a reader from before fails with corrupt from
// then on: right and wrong bytes never mix in one open file. A new reader fetches anew.
class Reader {
public:
    virtual ~Reader() = default;
    // [offset, offset+size) cut at the end of the content; empty at or after the end. Answers
    // inline when every byte is here. Waits deadline + 5 s at most.
    virtual void read(std::uint64_t offset, std::size_t size, Done<Bytes> done) = 0;
    // The file on disk when the content is complete and verified, else an invalid Fd.
    [[nodiscard]] virtual Fd verified_file() const = 0;
    // Bytes that others were given of this content may have been wrong: it was dropped once.
    [[nodiscard]] virtual bool was_wrong() const = 0;
};

class BlockCache {
public:
    // Opens or makes the directories, forgets records whose files are gone, removes files that
    // have no record. Directories must not be shared with another cache (lock file).
    static Result<std::unique_ptr<BlockCache>> open(CacheConfig config, meta::BlobTable& table,
                                                    upstream::Source& source, const Clock& clock);
    virtual ~BlockCache() = default;  // ends transfers, answers waiters, writes what is durable

    [[nodiscard]] virtual Result<std::unique_ptr<Reader>> open_reader(Content content,
                                                                      ContentLocation where) = 0;

    // From memory or the store alone, never waiting.
    [[nodiscard]] virtual bool held(const Content& content, ByteRange range) const = 0;
    [[nodiscard]] virtual bool verified(const Content& content) const = 0;
    [[nodiscard]] virtual std::uint64_t cached_bytes(const Content& content) const = 0;
    // Held ranges in order, neighbours merged, at most `max`.
    [[nodiscard]] virtual std::vector<ByteRange> ranges(const Content& content,
                                                        std::size_t max) const = 0;
    // Removes what is stored of it, unless somebody has it open. Returns the bytes that this freed.
    virtual std::uint64_t evict(const Content& content) = 0;
    // Reads what is here of a content from the disk and compares it with the checksums of its
    // blocks and, where it is complete, with its hash. Damaged blocks are dropped, or all of it
    // when they cannot be told apart or read. not_found: nothing is here; cancelled.
    [[nodiscard]] virtual Result<Checked> check(const Content& content, const GoOn& go_on) = 0;
    // Every content of which something is recorded, in no order.
    [[nodiscard]] virtual Result<std::vector<Content>> stored_contents() const = 0;
    // Takes a whole content from a file of somebody else's, of which nothing is believed: it is
    // copied and hashed, and then as if it had been fetched. False: it was here already. corrupt:
    // the file is not this content; unavailable: somebody reads it just now, or there is no room;
    // cancelled. Blocks for as long as the disks take.
    [[nodiscard]] virtual Result<bool> take(const Content& content, const Fd& file,
                                            const GoOn& go_on) = 0;
    [[nodiscard]] virtual CacheUsage usage() const = 0;
    [[nodiscard]] virtual std::string stats_json() const = 0;
    // Makes everything held so far durable now.
    virtual Status flush() = 0;
};

}  // namespace hubfs::cache
