// SPDX-License-Identifier: Apache-2.0
// The checksums of one content's blocks, as they were when the bytes arrived: in memory, and as
// rows of the store (fs/meta/sum_table.h). Kept only where they grow, so a sparse content of many
// blocks costs little. Values; not thread-safe: ContentState's mutex guards them.
//
// A content of one block has none: its own hash says it all.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "fs/base/checksum.h"
#include "fs/cache/block_map.h"
#include "fs/meta/sum_table.h"

namespace hubfs::cache {

struct BlockSum {
    std::uint64_t block = 0;
    std::uint64_t sum = 0;  // 0: not known
};

class BlockSums {
public:
    explicit BlockSums(Geometry geometry) : geometry_(geometry) {}
    // As recorded. Rows of another block size or beyond the end are left out.
    BlockSums(Geometry geometry, const std::vector<meta::SumRow>& rows);

    // 0: not known.
    [[nodiscard]] std::uint64_t of(std::uint64_t block) const;
    void set(std::uint64_t block, std::uint64_t sum);
    void forget(std::uint64_t block) { set(block, 0); }

    // What is not recorded yet; saved(), when it is, of what unsaved() said.
    struct Unsaved {
        std::vector<meta::SumRow> rows;
        std::uint64_t version = 0;
    };
    [[nodiscard]] Unsaved unsaved() const;
    void saved(const Unsaved& rows);

private:
    struct Row {
        meta::SumRow row;
        std::uint64_t changed = 0;  // version_ at the last change
        std::uint64_t saved = 0;    // of this row
    };
    Geometry geometry_;
    std::map<std::uint64_t, Row> rows_;
    std::uint64_t version_ = 0;
};

// Sums blocks of one content as their bytes go by, in order and from the start of a block.
class BlockSummer {
public:
    BlockSummer(Geometry geometry, std::uint64_t first_byte)
        : geometry_(geometry), at_(first_byte) {}

    // Appends the blocks that these bytes complete. Bytes beyond the end are left out.
    void update(std::span<const std::byte> bytes, std::vector<BlockSum>& done);

private:
    Geometry geometry_;
    std::uint64_t at_;
    Checksummer summer_;
};

}  // namespace hubfs::cache
