// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/block_map.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace hubfs::cache {

ByteRange Geometry::bytes(BlockSpan blocks) const {
    const std::uint64_t first = std::min(blocks.first * block_bytes, size_bytes);
    const std::uint64_t end = std::min(blocks.end * block_bytes, size_bytes);
    return {first, std::max(first, end)};
}

BlockSpan Geometry::touching(ByteRange range) const {
    if (range.empty()) {
        return {};
    }
    return {range.first / block_bytes, (range.end - 1) / block_bytes + 1};
}

BlockMap::BlockMap(std::uint64_t blocks) : blocks_(blocks), bits_((blocks + 7) / 8) {}

std::optional<BlockMap> BlockMap::from_bytes(std::vector<std::uint8_t> bytes,
                                             std::uint64_t blocks) {
    if (bytes.size() != (blocks + 7) / 8) {
        return std::nullopt;
    }
    if (blocks % 8 != 0 && (bytes.back() >> (blocks % 8)) != 0) {
        return std::nullopt;
    }
    BlockMap map;
    map.blocks_ = blocks;
    map.bits_ = std::move(bytes);
    for (const std::uint8_t byte : map.bits_) {
        map.count_ += static_cast<std::uint64_t>(std::popcount(byte));
    }
    return map;
}

bool BlockMap::test_all(BlockSpan span) const {
    return span.empty() || next_clear(span.first) >= span.end;
}

std::uint64_t BlockMap::next_set(std::uint64_t from) const {
    for (std::uint64_t block = from; block < blocks_;) {
        if (block % 8 == 0 && bits_[block / 8] == 0) {
            block += 8;  // a whole empty byte at once: sparse maps are long
        } else if (test(block)) {
            return block;
        } else {
            ++block;
        }
    }
    return blocks_;
}

std::uint64_t BlockMap::next_clear(std::uint64_t from) const {
    for (std::uint64_t block = from; block < blocks_;) {
        if (block % 8 == 0 && bits_[block / 8] == 0xff) {
            block += 8;
        } else if (!test(block)) {
            return block;
        } else {
            ++block;
        }
    }
    return blocks_;
}

void BlockMap::set(std::uint64_t block) {
    assert(block < blocks_);
    if (!test(block)) {
        bits_[block / 8] = static_cast<std::uint8_t>(bits_[block / 8] | 1U << (block % 8));
        ++count_;
    }
}

void BlockMap::reset(std::uint64_t block) {
    assert(block < blocks_);
    if (test(block)) {
        bits_[block / 8] = static_cast<std::uint8_t>(bits_[block / 8] & ~(1U << (block % 8)));
        --count_;
    }
}

void BlockMap::set_all() {
    std::ranges::fill(bits_, std::uint8_t{0xff});
    if (blocks_ % 8 != 0) {
        bits_.back() = static_cast<std::uint8_t>((1U << (blocks_ % 8)) - 1);
    }
    count_ = blocks_;
}

std::uint64_t bytes_in(const BlockMap& map, const Geometry& geometry) {
    if (map.count() == 0) {
        return 0;
    }
    const std::uint64_t last = map.blocks() - 1;
    std::uint64_t bytes = map.count() * geometry.block_bytes;
    if (map.test(last)) {
        bytes -= geometry.block_bytes - geometry.bytes_of(last).size();
    }
    return bytes;
}

}  // namespace hubfs::cache
