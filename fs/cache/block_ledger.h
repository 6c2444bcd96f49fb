// SPDX-License-Identifier: Apache-2.0
// The books of one content: which blocks are on disk, which only in memory, which are asked for,
// how far each transfer has come, how far the hash has, and from all that whether a range may be
// read. Decides, does no I/O. Not thread-safe: ContentState's mutex guards it.
//
// The rule it keeps (design 5): while the whole hash has not matched, there is always one block
// whose last bytes no reader has got. With more than one block missing every arrived byte may be
// read; the last one to arrive is withheld until verify().
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "fs/base/hub_types.h"
#include "fs/cache/block_map.h"

namespace hubfs::cache {

enum class Place : std::uint8_t { disk, memory };

class BlockLedger {
public:
    struct Flight {
        std::uint64_t id = 0;
        ByteRange range;            // starts at a block's start
        std::uint64_t arrived = 0;  // bytes [range.first, arrived) are here
    };

    explicit BlockLedger(Geometry geometry);
    // As recorded; a verified one is complete.
    BlockLedger(Geometry geometry, BlockMap held, bool verified);

    [[nodiscard]] const Geometry& geometry() const { return geometry_; }
    [[nodiscard]] const BlockMap& held() const { return held_; }  // on disk
    [[nodiscard]] bool verified() const { return verified_; }     // on disk, whole hash matched
    [[nodiscard]] bool here(std::uint64_t block) const;           // on disk or in memory
    [[nodiscard]] bool in_memory(std::uint64_t block) const { return memory_.contains(block); }
    [[nodiscard]] bool complete() const;  // every block is here, or gone but hashed

    // Every byte is here, arrived bytes of transfers included, and may be given to readers.
    [[nodiscard]] bool readable(ByteRange range) const;
    // The same without transfers and memory: what lasts.
    [[nodiscard]] bool holds(ByteRange range) const;
    // Asked for, but no transfer carries it yet.
    [[nodiscard]] bool queued(std::uint64_t block) const;

    // Bytes of `wanted` that are neither here nor asked for.
    [[nodiscard]] std::uint64_t missing_bytes(BlockSpan wanted) const;
    // Marks those blocks as asked for and returns them, neighbours merged, cut at blocks_max.
    std::vector<BlockSpan> request(BlockSpan wanted, std::uint64_t blocks_max);
    void unrequest(BlockSpan span);

    // A transfer of a range of whole blocks (the last one may be the content's short one).
    std::uint64_t start(ByteRange range);
    [[nodiscard]] const Flight* flight(std::uint64_t id) const;
    // The next bytes of a transfer are in `place`. Returns the blocks that this completed.
    BlockSpan advance(std::uint64_t id, std::uint64_t bytes, Place place);
    // The transfer ended. Returns the blocks that did not come; they are no longer asked for.
    BlockSpan finish(std::uint64_t id);

    // A block in memory was let go.
    void forget_memory(std::uint64_t block);

    // The hash goes along the prefix: blocks below hashed() are in it.
    [[nodiscard]] std::uint64_t hashed() const { return hashed_; }
    // The end of the blocks that can be hashed next without a gap.
    [[nodiscard]] std::uint64_t hashable_end() const;
    void hash_reached(std::uint64_t block) { hashed_ = block; }
    // The whole hash matched: all that is here may be read; verified() if all of it is on disk.
    void verify();
    // These blocks on disk are wrong and dropped; the rest stays, to be hashed anew.
    void lose(const std::vector<std::uint64_t>& blocks);
    // Everything is dropped: nothing is here, asked for or under way.
    void clear();

private:
    [[nodiscard]] std::uint64_t unseen() const;
    [[nodiscard]] bool withheld(std::uint64_t block) const;
    void land(std::uint64_t block, Place place);

    Geometry geometry_;
    BlockMap held_;
    BlockMap requested_;
    std::map<std::uint64_t, bool> memory_;  // block → the hash it was part of matched
    std::vector<Flight> flights_;
    std::uint64_t next_flight_ = 1;
    std::uint64_t hashed_ = 0;
    std::optional<std::uint64_t> last_;  // the block that made it complete
    bool memory_lost_ = false;           // some block was in memory and is gone
    bool verified_ = false;
};

}  // namespace hubfs::cache
