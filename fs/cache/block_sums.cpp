// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/block_sums.h"

#include <algorithm>

namespace hubfs::cache {

BlockSums::BlockSums(Geometry geometry, const std::vector<meta::SumRow>& rows)
    : geometry_(geometry) {
    for (const meta::SumRow& row : rows) {
        const std::uint64_t first = std::uint64_t{row.number} * meta::kSumsPerRow;
        if (row.block_bytes == geometry.block_bytes && first < geometry.blocks()) {
            rows_[row.number].row = row;
        }
    }
}

std::uint64_t BlockSums::of(std::uint64_t block) const {
    const auto found = rows_.find(block / meta::kSumsPerRow);
    const std::size_t place = block % meta::kSumsPerRow;
    return found == rows_.end() || place >= found->second.row.sums.size()
               ? 0
               : found->second.row.sums[place];
}

void BlockSums::set(std::uint64_t block, std::uint64_t sum) {
    if (geometry_.blocks() < 2 || of(block) == sum) {
        return;
    }
    const std::uint64_t number = block / meta::kSumsPerRow;
    Row& row = rows_[number];
    row.row.number = static_cast<std::uint32_t>(number);
    row.row.block_bytes = geometry_.block_bytes;
    row.row.sums.resize(std::min<std::uint64_t>(meta::kSumsPerRow,
                                                geometry_.blocks() - number * meta::kSumsPerRow));
    row.row.sums[block % meta::kSumsPerRow] = sum;
    row.changed = ++version_;
}

BlockSums::Unsaved BlockSums::unsaved() const {
    Unsaved unsaved{{}, version_};
    for (const auto& [number, row] : rows_) {
        if (row.changed > row.saved) {
            unsaved.rows.push_back(row.row);
        }
    }
    return unsaved;
}

void BlockSums::saved(const Unsaved& rows) {
    for (const meta::SumRow& row : rows.rows) {
        if (const auto found = rows_.find(row.number); found != rows_.end()) {
            found->second.saved = std::max(found->second.saved, rows.version);
        }
    }
}

void BlockSummer::update(std::span<const std::byte> bytes, std::vector<BlockSum>& done) {
    bytes = bytes.first(std::min<std::uint64_t>(bytes.size(), geometry_.size_bytes - at_));
    while (!bytes.empty()) {
        const std::uint64_t block = at_ / geometry_.block_bytes;
        const std::uint64_t end = geometry_.bytes_of(block).end;
        const std::size_t n = std::min<std::uint64_t>(bytes.size(), end - at_);
        summer_.update(bytes.first(n));
        bytes = bytes.subspan(n);
        at_ += n;
        if (at_ == end) {
            done.push_back({block, summer_.take()});
        }
    }
}

}  // namespace hubfs::cache
