// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/block_sums.h"

#include <gtest/gtest.h>

#include <string>

namespace hubfs::cache {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

TEST(BlockSums, AreKnownOnceTheyAreSetAndRowsHoldThem) {
    const Geometry geometry{10 * (meta::kSumsPerRow + 3) - 5, 10};
    BlockSums sums(geometry);
    EXPECT_EQ(sums.of(0), 0U);
    sums.set(1, 7);
    sums.set(meta::kSumsPerRow + 2, 9);
    const auto unsaved = sums.unsaved();
    ASSERT_EQ(unsaved.rows.size(), 2U);
    EXPECT_EQ(unsaved.rows[0].sums.size(), meta::kSumsPerRow);
    EXPECT_EQ(unsaved.rows[1].number, 1U);
    EXPECT_EQ(unsaved.rows[1].sums, (std::vector<std::uint64_t>{0, 0, 9}));
    const BlockSums read(geometry, unsaved.rows);
    EXPECT_EQ(read.of(1), 7U);
    EXPECT_EQ(read.of(meta::kSumsPerRow + 2), 9U);
    EXPECT_TRUE(read.unsaved().rows.empty());
    EXPECT_EQ(BlockSums({geometry.size_bytes, 20}, unsaved.rows).of(1), 0U);  // other blocks
}

TEST(BlockSums, OnlyWhatChangedSinceItWasSavedIsSavedAgain) {
    BlockSums sums({10 * 2 * meta::kSumsPerRow, 10});
    sums.set(0, 1);
    const auto first = sums.unsaved();
    sums.set(meta::kSumsPerRow, 2);
    sums.set(1, 3);  // after the copy
    sums.saved(first);
    EXPECT_EQ(sums.unsaved().rows.size(), 2U);
    sums.saved(sums.unsaved());
    EXPECT_TRUE(sums.unsaved().rows.empty());
    sums.set(1, 3);
    EXPECT_TRUE(sums.unsaved().rows.empty());
    sums.forget(1);
    EXPECT_EQ(sums.unsaved().rows.size(), 1U);
    EXPECT_EQ(sums.of(1), 0U);
}

TEST(BlockSums, AContentOfOneBlockHasNone) {
    BlockSums sums({10, 10});
    sums.set(0, 7);
    EXPECT_TRUE(sums.unsaved().rows.empty());
}

TEST(BlockSums, PiecesAreSummedBlockByBlock) {
    const std::string text = "0123456789abcdefghijKLM";
    for (const std::size_t piece : {1U, 3U, 10U, 23U}) {
        BlockSummer summer({23, 10}, 0);
        std::vector<BlockSum> done;
        for (std::size_t at = 0; at < text.size(); at += piece) {
            summer.update(bytes_of(std::string_view(text).substr(at, piece)), done);
        }
        ASSERT_EQ(done.size(), 3U) << piece;
        EXPECT_EQ(done[1].block, 1U);
        EXPECT_EQ(done[1].sum, checksum(bytes_of("abcdefghij")));
        EXPECT_EQ(done[2].sum, checksum(bytes_of("KLM")));
    }
    BlockSummer from_the_second({23, 10}, 10);
    std::vector<BlockSum> done;
    from_the_second.update(bytes_of("abcdefghijK"), done);
    ASSERT_EQ(done.size(), 1U);
    EXPECT_EQ(done[0].block, 1U);
}

}  // namespace
}  // namespace hubfs::cache
