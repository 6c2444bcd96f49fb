// SPDX-License-Identifier: Apache-2.0
// All that is known in memory about one content, shared by its readers, transfers, parked reads,
// hash and commits. A record with one mutex: Fetcher, Verifier, Answers and Committer act on it.
//
// Lock order: Committer's mutexes, then ContentTable's, then this mutex, then FetchQueue's. Nothing
// is called out of this lock but FetchQueue's take() and promote(), and no I/O is done in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/hash.h"
#include "fs/base/hub_types.h"
#include "fs/base/result.h"
#include "fs/cache/blob_file.h"
#include "fs/cache/block_cache.h"
#include "fs/cache/block_ledger.h"
#include "fs/cache/block_sums.h"
#include "fs/cache/counters.h"
#include "fs/cache/warmth.h"

namespace hubfs::cache {

class CacheDir;
class RangeSink;

// A block that could not be stored. Its bytes are written once, in order, by one transfer; who
// reads them knows from the ledger how far that has come.
class MemoryBlock {
public:
    MemoryBlock(std::size_t size, Counters& counters) : bytes(size), counters_(counters) {
        counters_.memory_bytes += size;
    }
    ~MemoryBlock() { counters_.memory_bytes -= bytes.size(); }
    MemoryBlock(const MemoryBlock&) = delete;
    MemoryBlock& operator=(const MemoryBlock&) = delete;

    std::vector<std::byte> bytes;

private:
    Counters& counters_;
};

// A parked read.
struct Waiter {
    ByteRange range;
    Steady since{};
    Steady deadline{};
    Done<Bytes> done;
};

// Where the bytes of a readable range are, found under the lock and read outside of it. It stays
// good when the content is dropped meanwhile.
struct ReadPlan {
    struct Part {
        ByteRange range;
        std::shared_ptr<const MemoryBlock> memory;  // nothing: from the file
        std::uint64_t memory_first = 0;             // what its first byte is in the content
    };
    ByteRange range;
    std::uint64_t generation = 0;
    std::uint64_t mismatches = 0;  // the content's, as it was
    std::shared_ptr<const BlobFile> file;
    std::vector<Part> parts;
    std::vector<BlockSum> unchecked;  // blocks of the file to compare before they are given
};

struct Ready {
    Waiter waiter;
    ReadPlan plan;
};

// Blocks that failed a moment ago fail again without asking (the kernel repeats a failed READ).
struct Failure {
    BlockSpan blocks;
    Error error;
    Steady until{};
};

struct KnownLocation {
    ContentLocation where;
    Steady refused_until{};  // it answered not_found or denied; others first until then
};

struct ContentState {
    ContentState(const Content& c, BlockLedger books)
        : content(c), ledger(std::move(books)), sums(ledger.geometry()) {}

    const Content content;

    mutable std::mutex mutex;  // guards all that follows
    BlockLedger ledger;
    std::shared_ptr<BlobFile> file;  // open while somebody needs it
    const CacheDir* dir = nullptr;   // where the file is, once there is one
    std::map<std::uint64_t, std::shared_ptr<MemoryBlock>> memory;  // transfers under way included
    std::list<Waiter> waiters;
    std::vector<std::shared_ptr<RangeSink>> sinks;  // until their on_done()
    std::vector<Failure> failures;
    Steady ahead_after{};                  // no read-ahead until then: something failed
    std::vector<KnownLocation> locations;  // newest first
    std::size_t readers = 0;
    Steady touched{};              // opened or closed last: the resident ones leave by this
    Instant last_used{};           // as it will be recorded; so is the next
    Turns warmth = kNeverUsed;     // the first use finds here what is remembered of one that left
    std::uint64_t generation = 0;  // counts drops: what belongs to an older one is void
    std::uint64_t mismatches = 0;  // of these, drops of wrong bytes
    std::uint64_t losses = 0;      // how often single blocks were dropped
    bool dropping = false;         // the old file and record are being removed: fetch nothing yet
    bool storable = true;          // false: the old record could not be removed
    bool closed = false;           // the cache ends
    unsigned mending = 0;          // blocks are being dropped: fetch nothing yet

    BlockSums sums;          // of held blocks
    bool sums_known = true;  // false: not read from the index yet
    BlockMap unchecked;      // held since an earlier run, and not read since

    // Used by the one hash job there is while `hashing`, without the lock.
    bool hashing = false;
    std::unique_ptr<ContentHasher> hasher;
    std::uint64_t hasher_round = 0;

    // All with the mutex held.
    struct Look {
        std::uint64_t generation = 0;
        std::uint64_t losses = 0;
        bool operator==(const Look&) const = default;
    };
    [[nodiscard]] Look look() const { return {generation, losses}; }
    // The hash begins anew whenever this has changed: something of its prefix was dropped.
    [[nodiscard]] std::uint64_t round() const { return generation + losses; }
    // What is recorded of the sums; blocks that were held before this run are to be compared.
    void know_sums(const std::vector<meta::SumRow>& rows);
    void forget_sums();
    [[nodiscard]] bool unread(std::uint64_t block) const {
        return unchecked.count() > 0 && unchecked.test(block);
    }
    void checked(std::uint64_t block);
    [[nodiscard]] bool wanted() const { return readers > 0 || !waiters.empty(); }
    [[nodiscard]] ReadPlan plan(ByteRange range) const;
    // Removes and returns the parked reads that can be answered.
    [[nodiscard]] std::vector<Ready> take_ready();
    // Lets blocks in memory go that neither a parked read nor the hash needs, down to `keep`.
    void trim_memory(std::size_t keep);
};

using StatePtr = std::shared_ptr<ContentState>;

}  // namespace hubfs::cache
