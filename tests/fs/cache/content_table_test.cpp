// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/content_table.h"

#include <cstring>
#include <future>

#include "fs/cache/limits.h"
#include "tests/fs/cache/cache_fixture.h"

namespace hubfs::cache {
namespace {

class Table : public ::testing::Test {
protected:
    Table()
        : index_(records_.handle()),
          dirs_(std::move(CacheDirs::open({dir_.path()}, *index_).value())),
          table_(*index_, dirs_, test::kBlock) {}
    static Content content(std::size_t i) {
        Content c;
        c.hash.kind = HashKind::sha256;
        std::memcpy(c.hash.bytes.data(), &i, sizeof i);
        c.size_bytes = 100;
        return c;
    }
    test::TempDir dir_;
    test::MemoryIndex records_;
    std::unique_ptr<BlobIndex> index_;
    CacheDirs dirs_;
    ContentTable table_;
};

TEST_F(Table, GivesEverybodyTheSameState) {
    const auto a = table_.acquire(content(1));
    const auto b = table_.acquire(content(1));
    ASSERT_TRUE(a && b);
    EXPECT_EQ(*a, *b);
    EXPECT_EQ(table_.peek(content(1).hash), *a);
    EXPECT_EQ(table_.peek(content(2).hash), nullptr);
}

TEST_F(Table, LoadsWhatIsRecorded) {
    BlobIndex::Record record;
    record.size_bytes = 5 * 4096;
    record.block_bytes = 4096;
    record.bitmap = {0x05};
    record.directory = dirs_.place().number();
    records_.put(content(1).hash, record);
    const auto state = table_.acquire(content(1));
    ASSERT_TRUE(state);
    EXPECT_EQ((*state)->content.size_bytes, record.size_bytes);
    EXPECT_EQ((*state)->ledger.held().count(), 2U);
    EXPECT_EQ((*state)->dir, &dirs_.place());
}

TEST_F(Table, WhatNobodyHoldsLeavesWhenThereAreTooMany) {
    const auto held = table_.acquire(content(0));
    for (std::size_t i = 1; i < 3 * kResidentMax; ++i) {
        ASSERT_TRUE(table_.acquire(content(i)));
        ASSERT_LE(table_.resident(), kResidentMax + 1);
    }
    ASSERT_TRUE(held);
    EXPECT_EQ(table_.peek(content(0).hash), *held);
}

TEST_F(Table, ThoseTouchedLongestAgoLeaveFirstHoweverShortTheTimesBetween) {
    const auto order = [](std::size_t i) { return i * 1237 % kResidentMax; };
    for (std::size_t i = 0; i < kResidentMax; ++i) {
        const auto state = table_.acquire(content(i));
        ASSERT_TRUE(state);
        const std::scoped_lock lock((*state)->mutex);
        (*state)->touched = Steady(std::chrono::microseconds(order(i)));
    }
    ASSERT_TRUE(table_.acquire(content(kResidentMax)));
    for (std::size_t i = 0; i < kResidentMax; ++i) {
        ASSERT_EQ(table_.peek(content(i).hash) == nullptr, order(i) < kResidentMax / 4) << i;
    }
}

TEST_F(Table, WhatIsHeldIsNotEvicted) {
    auto state = table_.acquire(content(1));
    EXPECT_FALSE(table_.begin_evict(content(1).hash));
    state->reset();
    EXPECT_TRUE(table_.begin_evict(content(1).hash));
    EXPECT_FALSE(table_.begin_evict(content(1).hash));
    table_.end_evict(content(1).hash);
    EXPECT_EQ(table_.peek(content(1).hash), nullptr);
}

TEST_F(Table, WhatIsBeingEvictedIsOpenedAfterwards) {
    ASSERT_TRUE(table_.begin_evict(content(1).hash));
    auto opened = std::async(std::launch::async, [&] { return table_.acquire(content(1)); });
    ASSERT_TRUE(table_.acquire(content(2)));  // others do not wait
    EXPECT_NE(opened.wait_for(std::chrono::milliseconds(1)), std::future_status::ready);
    table_.end_evict(content(1).hash);
    ASSERT_EQ(opened.wait_for(test::kPatience), std::future_status::ready);
    EXPECT_TRUE(opened.get());
}

}  // namespace
}  // namespace hubfs::cache
