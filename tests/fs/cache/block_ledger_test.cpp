// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/block_ledger.h"

#include <gtest/gtest.h>

namespace hubfs::cache {
namespace {

constexpr Geometry kThreeBlocks{250, 100};

// Fetches these blocks completely.
void land(BlockLedger& ledger, BlockSpan blocks, Place place = Place::disk) {
    const ByteRange range = ledger.geometry().bytes(blocks);
    ledger.request(blocks, 1000);
    const std::uint64_t id = ledger.start(range);
    EXPECT_EQ(ledger.advance(id, range.size(), place), blocks);
    EXPECT_TRUE(ledger.finish(id).empty());
}

TEST(BlockLedger, ABlockIsAskedForOnce) {
    BlockLedger ledger(Geometry{1000, 100});
    EXPECT_EQ(ledger.request({2, 5}, 100), (std::vector<BlockSpan>{{2, 5}}));
    EXPECT_EQ(ledger.request({0, 10}, 4), (std::vector<BlockSpan>{{0, 2}, {5, 9}, {9, 10}}));
    EXPECT_TRUE(ledger.request({0, 10}, 4).empty());
    EXPECT_EQ(ledger.missing_bytes({0, 10}), 0U);
    ledger.unrequest({3, 4});
    EXPECT_EQ(ledger.missing_bytes({0, 10}), 100U);
    EXPECT_EQ(ledger.request({0, 10}, 4), (std::vector<BlockSpan>{{3, 4}}));
}

TEST(BlockLedger, LostBlocksAreMissingAndTheWholeHashJudgesAnew) {
    BlockLedger ledger(kThreeBlocks);
    land(ledger, {0, 3});
    ledger.verify();
    ASSERT_TRUE(ledger.verified());
    ledger.lose({1});
    EXPECT_FALSE(ledger.verified());
    EXPECT_TRUE(ledger.readable({0, 100}));
    EXPECT_TRUE(ledger.holds({200, 250}));
    EXPECT_FALSE(ledger.readable({100, 110}));
    land(ledger, {1, 2});
    EXPECT_FALSE(ledger.readable({100, 110}));
    EXPECT_EQ(ledger.hashed(), 0U);
    EXPECT_EQ(ledger.hashable_end(), 3U);
    ledger.hash_reached(3);
    ledger.verify();
    EXPECT_TRUE(ledger.verified());
}

TEST(BlockLedger, BytesOfATransferAreReadableUpToWhereItHasCome) {
    BlockLedger ledger(kThreeBlocks);
    ledger.request({0, 2}, 100);
    const std::uint64_t id = ledger.start({0, 200});
    EXPECT_EQ(ledger.advance(id, 150, Place::disk), (BlockSpan{0, 1}));
    EXPECT_TRUE(ledger.readable({0, 150}));
    EXPECT_TRUE(ledger.readable({120, 150}));
    EXPECT_FALSE(ledger.readable({120, 151}));
    EXPECT_TRUE(ledger.holds({0, 100}));
    EXPECT_FALSE(ledger.holds({0, 101}));
    EXPECT_EQ(ledger.finish(id), (BlockSpan{1, 2}));
    EXPECT_FALSE(ledger.readable({120, 150}));
    EXPECT_EQ(ledger.request({0, 2}, 100), (std::vector<BlockSpan>{{1, 2}}));
}

TEST(BlockLedger, TheLastMissingBlockIsWithheldUntilTheHashMatched) {
    BlockLedger ledger(kThreeBlocks);
    land(ledger, {2, 3});
    land(ledger, {0, 1});
    EXPECT_TRUE(ledger.readable({0, 100}));
    EXPECT_TRUE(ledger.readable({200, 250}));
    // Not even its first bytes, while the transfer is under way.
    ledger.request({1, 2}, 100);
    const std::uint64_t id = ledger.start({100, 200});
    ledger.advance(id, 50, Place::disk);
    EXPECT_FALSE(ledger.readable({100, 110}));
    ledger.advance(id, 50, Place::disk);
    ledger.finish(id);
    EXPECT_TRUE(ledger.complete());
    EXPECT_FALSE(ledger.readable({100, 110}));
    EXPECT_FALSE(ledger.holds({0, 250}));
    EXPECT_TRUE(ledger.readable({0, 100}));
    ledger.verify();
    EXPECT_TRUE(ledger.verified());
    EXPECT_TRUE(ledger.readable({0, 250}));
    EXPECT_TRUE(ledger.holds({0, 250}));
}

TEST(BlockLedger, ContentOfOneBlockIsWithheldFromItsFirstByte) {
    BlockLedger ledger(Geometry{70, 100});
    ledger.request({0, 1}, 100);
    const std::uint64_t id = ledger.start({0, 70});
    ledger.advance(id, 69, Place::disk);
    EXPECT_FALSE(ledger.readable({0, 1}));
    EXPECT_EQ(ledger.advance(id, 1, Place::disk), (BlockSpan{0, 1}));
    EXPECT_FALSE(ledger.readable({0, 1}));
    ledger.verify();
    EXPECT_TRUE(ledger.readable({0, 70}));
}

TEST(BlockLedger, TwoTransfersThatEndTogetherStillLeaveOneBlockWithheld) {
    BlockLedger ledger(Geometry{200, 100});
    ledger.request({0, 2}, 1);
    const std::uint64_t a = ledger.start({0, 100});
    const std::uint64_t b = ledger.start({100, 200});
    ledger.advance(a, 99, Place::disk);
    ledger.advance(b, 99, Place::disk);
    EXPECT_TRUE(ledger.readable({0, 99}));
    EXPECT_TRUE(ledger.readable({100, 199}));
    ledger.advance(a, 1, Place::disk);
    EXPECT_TRUE(ledger.readable({0, 100}));
    EXPECT_FALSE(ledger.readable({100, 101}));
    ledger.advance(b, 1, Place::disk);
    EXPECT_FALSE(ledger.readable({100, 101}));
    EXPECT_TRUE(ledger.readable({0, 100}));
}

TEST(BlockLedger, ACompleteRecordWithoutItsHashWithholdsABlock) {
    BlockMap all(3);
    all.set_all();
    const BlockLedger unverified(kThreeBlocks, all, false);
    EXPECT_TRUE(unverified.readable({0, 200}));
    EXPECT_FALSE(unverified.readable({0, 201}));
    EXPECT_FALSE(unverified.holds({0, 250}));
    const BlockLedger verified(kThreeBlocks, all, true);
    EXPECT_TRUE(verified.readable({0, 250}));
}

TEST(BlockLedger, TheHashGoesAlongThePrefix) {
    BlockLedger ledger(kThreeBlocks);
    land(ledger, {1, 2});
    EXPECT_EQ(ledger.hashable_end(), 0U);
    land(ledger, {0, 1});
    EXPECT_EQ(ledger.hashable_end(), 2U);
    ledger.hash_reached(2);
    EXPECT_EQ(ledger.hashable_end(), 2U);
    land(ledger, {2, 3});
    EXPECT_EQ(ledger.hashable_end(), 3U);
}

TEST(BlockLedger, AReaderOfBlocksThatAreNotStoredMeetsTheSameRule) {
    BlockLedger ledger(kThreeBlocks);
    // Block by block through memory, each let go once it is hashed.
    for (const std::uint64_t block : {0U, 1U}) {
        land(ledger, {block, block + 1}, Place::memory);
        EXPECT_TRUE(ledger.readable(ledger.geometry().bytes_of(block)));
        ledger.hash_reached(block + 1);
        ledger.forget_memory(block);
        EXPECT_FALSE(ledger.readable(ledger.geometry().bytes_of(block)));
    }
    land(ledger, {2, 3}, Place::memory);
    EXPECT_FALSE(ledger.readable({200, 201}));
    ledger.verify();
    EXPECT_FALSE(ledger.verified());
    EXPECT_TRUE(ledger.readable({200, 250}));
    EXPECT_FALSE(ledger.holds({200, 250}));
}

TEST(BlockLedger, WhatCannotBeHashedAnyMoreIsNotWithheldForEver) {
    BlockLedger ledger(kThreeBlocks);
    land(ledger, {0, 1}, Place::memory);
    ledger.forget_memory(0);  // before the hash came by
    land(ledger, {1, 3}, Place::memory);
    EXPECT_TRUE(ledger.readable({100, 250}));
    EXPECT_FALSE(ledger.complete());
}

TEST(BlockLedger, ClearingForgetsAllButNumbersTransfersOn) {
    BlockLedger ledger(kThreeBlocks);
    land(ledger, {0, 3});
    const std::uint64_t before = ledger.start({0, 100});
    ledger.clear();
    EXPECT_EQ(ledger.held().count(), 0U);
    EXPECT_EQ(ledger.flight(before), nullptr);
    EXPECT_EQ(ledger.missing_bytes({0, 3}), 250U);
    EXPECT_GT(ledger.start({0, 100}), before);
    EXPECT_TRUE(ledger.finish(before).empty());
}

}  // namespace
}  // namespace hubfs::cache
