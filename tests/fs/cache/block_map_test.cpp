// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/block_map.h"

#include <gtest/gtest.h>

namespace hubfs::cache {
namespace {

TEST(Geometry, TheLastBlockIsCutAtTheEnd) {
    const Geometry geometry{250, 100};
    EXPECT_EQ(geometry.blocks(), 3U);
    EXPECT_EQ(geometry.bytes_of(2), (ByteRange{200, 250}));
    EXPECT_EQ(geometry.bytes({0, 3}), (ByteRange{0, 250}));
    EXPECT_EQ((Geometry{200, 100}).blocks(), 2U);
    EXPECT_EQ((Geometry{0, 100}).blocks(), 0U);
}

TEST(Geometry, ARangeTouchesEveryBlockItSharesAByteWith) {
    const Geometry geometry{1000, 100};
    struct Case {
        ByteRange range;
        BlockSpan blocks;
    };
    for (const Case& c :
         {Case{{0, 1}, {0, 1}}, Case{{0, 100}, {0, 1}}, Case{{99, 101}, {0, 2}},
          Case{{100, 101}, {1, 2}}, Case{{0, 1000}, {0, 10}}, Case{{5, 5}, {0, 0}}}) {
        EXPECT_EQ(geometry.touching(c.range), c.blocks) << c.range.first << "-" << c.range.end;
    }
}

TEST(BlockMap, FindsTheNextBlockInAndOutOfTheSet) {
    BlockMap map(100);
    for (std::uint64_t block = 20; block < 60; ++block) {
        map.set(block);
    }
    map.set(99);
    EXPECT_EQ(map.next_set(0), 20U);
    EXPECT_EQ(map.next_clear(20), 60U);
    EXPECT_EQ(map.next_set(60), 99U);
    EXPECT_EQ(map.next_clear(99), 100U);
    EXPECT_EQ(map.next_set(100), 100U);
    EXPECT_EQ(map.count(), 41U);
    EXPECT_TRUE(map.test_all({20, 60}));
    EXPECT_FALSE(map.test_all({19, 60}));
    EXPECT_FALSE(map.test_all({20, 61}));
    EXPECT_TRUE(map.test_all({0, 0}));
}

TEST(BlockMap, ItsBytesMakeTheSameMapAgain) {
    BlockMap map(13);
    map.set(0);
    map.set(8);
    map.set(12);
    map.set(12);
    map.reset(8);
    EXPECT_EQ(map.bytes(), (std::vector<std::uint8_t>{1, 16}));
    const auto again = BlockMap::from_bytes(map.bytes(), 13);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->count(), 2U);
    EXPECT_TRUE(again->test(12));
}

TEST(BlockMap, AFullMapHasNoSpareBits) {
    for (const std::uint64_t blocks : {1U, 7U, 8U, 9U, 64U}) {
        BlockMap map(blocks);
        map.set_all();
        EXPECT_TRUE(map.full());
        const auto again = BlockMap::from_bytes(map.bytes(), blocks);
        ASSERT_TRUE(again) << blocks;
        EXPECT_EQ(again->count(), blocks);
    }
}

TEST(BlockMap, RefusesBytesThatAreNoMapOfThatManyBlocks) {
    EXPECT_FALSE(BlockMap::from_bytes({0xff}, 9));
    EXPECT_FALSE(BlockMap::from_bytes({0xff, 0x02}, 9));
    EXPECT_FALSE(BlockMap::from_bytes({0xff, 0x00, 0x00}, 9));
    EXPECT_TRUE(BlockMap::from_bytes({0xff, 0x01}, 9));
    EXPECT_TRUE(BlockMap::from_bytes({}, 0));
}

TEST(BlockMap, CountsBytesWithAShortLastBlock) {
    const Geometry geometry{250, 100};
    BlockMap map(3);
    EXPECT_EQ(bytes_in(map, geometry), 0U);
    map.set(0);
    EXPECT_EQ(bytes_in(map, geometry), 100U);
    map.set(2);
    EXPECT_EQ(bytes_in(map, geometry), 150U);
    map.set_all();
    EXPECT_EQ(bytes_in(map, geometry), 250U);
}

}  // namespace
}  // namespace hubfs::cache
