// SPDX-License-Identifier: Apache-2.0
// Blocks of one content: arithmetic between bytes and block numbers, and a set of blocks as the
// bitmap that is also its durable form (docs/formats-blocks.md). Values; not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "fs/base/hub_types.h"

namespace hubfs::cache {

// Blocks [first, end) of a content.
struct BlockSpan {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
    auto operator<=>(const BlockSpan&) const = default;
    [[nodiscard]] std::uint64_t size() const { return end - first; }
    [[nodiscard]] bool empty() const { return end <= first; }
    [[nodiscard]] bool contains(std::uint64_t block) const { return first <= block && block < end; }
    [[nodiscard]] bool overlaps(BlockSpan other) const {
        return first < other.end && other.first < end;
    }
};

// A content cut into blocks; the last one may be shorter.
struct Geometry {
    std::uint64_t size_bytes = 0;
    std::uint32_t block_bytes = 1;

    [[nodiscard]] std::uint64_t blocks() const {
        return size_bytes / block_bytes + (size_bytes % block_bytes != 0 ? 1 : 0);
    }
    // The bytes of these blocks, cut at the end of the content.
    [[nodiscard]] ByteRange bytes(BlockSpan blocks) const;
    [[nodiscard]] ByteRange bytes_of(std::uint64_t block) const {
        return bytes({block, block + 1});
    }
    // The blocks that share a byte with this range; none for an empty range.
    [[nodiscard]] BlockSpan touching(ByteRange range) const;
};

class BlockMap {
public:
    explicit BlockMap(std::uint64_t blocks = 0);
    // Nothing when the bytes are not a bitmap of exactly this many blocks (spare bits are zero).
    [[nodiscard]] static std::optional<BlockMap> from_bytes(std::vector<std::uint8_t> bytes,
                                                            std::uint64_t blocks);

    [[nodiscard]] std::uint64_t blocks() const { return blocks_; }
    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] bool full() const { return count_ == blocks_; }
    [[nodiscard]] bool test(std::uint64_t block) const {
        return (unsigned{bits_[block / 8]} >> (block % 8) & 1U) != 0;
    }
    [[nodiscard]] bool test_all(BlockSpan span) const;
    // The first block at or after `from` that is in (out of) the set, or blocks().
    [[nodiscard]] std::uint64_t next_set(std::uint64_t from) const;
    [[nodiscard]] std::uint64_t next_clear(std::uint64_t from) const;

    void set(std::uint64_t block);
    void reset(std::uint64_t block);
    void set_all();

    // Bit i of byte i/8: block i.
    [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return bits_; }

private:
    std::uint64_t blocks_;
    std::uint64_t count_ = 0;
    std::vector<std::uint8_t> bits_;
};

// Bytes of the content that lie in these blocks.
[[nodiscard]] std::uint64_t bytes_in(const BlockMap& map, const Geometry& geometry);

}  // namespace hubfs::cache
