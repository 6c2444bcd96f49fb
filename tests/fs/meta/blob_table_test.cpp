// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/blob_table.h"

#include "fs/meta/codec.h"
#include "fs/meta/schema.h"
#include "tests/fs/meta/meta_fixture.h"

namespace hubfs::meta {
namespace {

ContentHash hash_of(std::uint32_t number, HashKind kind = HashKind::sha256) {
    ContentHash hash{kind, {}};
    for (std::size_t i = 0; i < 4; ++i) {
        hash.bytes[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
    }
    return hash;
}

class BlobTableTest : public ::testing::Test {
protected:
    void SetUp() override {
        auto opened = Database::open(dir_.path() + "/meta");
        ASSERT_TRUE(opened);
        database_ = std::move(*opened);
        table_.emplace(*database_);
    }
    test::TempDir dir_;
    std::unique_ptr<Database> database_;
    std::optional<BlobTable> table_;
};

TEST_F(BlobTableTest, RecordsComeBackAsTheyWere) {
    BlobRecord record{5ULL << 30,   1U << 20, false,
                      {0xf0, 0x0f}, 3,        Instant(std::chrono::seconds(1767225600))};
    ASSERT_TRUE(table_->apply({{hash_of(1), record}}));
    const auto found = table_->find(hash_of(1));
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->size_bytes, record.size_bytes);
    EXPECT_EQ((*found)->bitmap, record.bitmap);
    EXPECT_EQ((*found)->last_used, record.last_used);
    const auto other = table_->find(hash_of(1, HashKind::git_sha1));
    ASSERT_TRUE(other);
    EXPECT_FALSE(*other);
}

TEST_F(BlobTableTest, ChangesErase) {
    ASSERT_TRUE(table_->apply({{hash_of(1), BlobRecord{}}, {hash_of(2), BlobRecord{}}}));
    ASSERT_TRUE(table_->apply({{hash_of(1), std::nullopt}, {hash_of(9), std::nullopt}}));
    EXPECT_FALSE(table_->find(hash_of(1)).value());
    EXPECT_TRUE(table_->find(hash_of(2)).value());
}

TEST_F(BlobTableTest, EveryRecordIsVisitedOnceInKeyOrder) {
    std::vector<BlobTable::Change> changes;
    for (std::uint32_t i = 0; i < 2500; ++i) {
        BlobRecord record;
        record.size_bytes = i;
        changes.push_back({hash_of(i), record});
    }
    ASSERT_TRUE(table_->apply(changes));
    std::vector<std::uint64_t> sizes;
    ASSERT_TRUE(table_->for_each([&](const ContentHash& hash, const BlobRecord& record) {
        EXPECT_EQ(hash, hash_of(static_cast<std::uint32_t>(record.size_bytes)));
        sizes.push_back(record.size_bytes);
    }));
    ASSERT_EQ(sizes.size(), 2500U);
    EXPECT_TRUE(std::ranges::is_sorted(sizes));
}

TEST_F(BlobTableTest, ARecordFromBeforeWarmthIsAsWarmAsItsLastUseAndIsRewrittenWhole) {
    // Row 01, byte by byte as docs/formats.md had it.
    const auto old_row = [](Instant last_used) {
        return Writer()
            .u8(1)
            .u8(0)
            .u64(5ULL << 20)
            .u32(1U << 20)
            .u16(3)
            .time(last_used)
            .text32("\x15")
            .take();
    };
    const Instant used{std::chrono::weeks(2900) + std::chrono::hours(84)};
    ASSERT_TRUE(database_->write([&](WriteTxn& txn) -> Status {
        if (Status put = txn.put(Table::blobs, blob_key(hash_of(1)), old_row(used)); !put) {
            return put;
        }
        return txn.put(Table::blobs, blob_key(hash_of(2)),
                       old_row(used + std::chrono::microseconds(600000)));
    }));
    auto found = table_->find(hash_of(1)).value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->warmth, 2900 * kTurn + kTurn / 2);
    EXPECT_EQ(found->last_used, used);
    EXPECT_EQ(found->size_bytes, 5ULL << 20);
    EXPECT_EQ(found->block_bytes, 1U << 20);
    EXPECT_EQ(found->directory, 3);
    EXPECT_EQ(found->bitmap, std::vector<std::uint8_t>{0x15});
    EXPECT_FALSE(found->verified);
    // The order of uses is the order of warmth.
    EXPECT_GT(table_->find(hash_of(2)).value().value().warmth, found->warmth);

    found->warmth = -7;
    ASSERT_TRUE(table_->apply({{hash_of(1), *found}}));
    EXPECT_EQ(table_->find(hash_of(1)).value().value().warmth, -7);
    ASSERT_TRUE(database_->read([&](const ReadTxn& txn) -> Result<bool> {
        const auto row = txn.get(Table::blobs, blob_key(hash_of(1)));
        EXPECT_EQ((*row)->front(), '\x02');
        return true;
    }));
}

TEST_F(BlobTableTest, WhatLeftIsRememberedUntilItIsRecordedAgain) {
    ASSERT_TRUE(table_->apply({{hash_of(1), BlobRecord{}}, {hash_of(2), BlobRecord{}}}));
    // One is evicted, one is dropped.
    ASSERT_TRUE(table_->apply(
        {{hash_of(1), std::nullopt, {}, LeftRecord{5 * kTurn, 3}}, {hash_of(2), std::nullopt}}));
    EXPECT_FALSE(table_->find(hash_of(1)).value());
    const auto left = table_->left(hash_of(1)).value();
    ASSERT_TRUE(left);
    EXPECT_EQ(left->at, 5 * kTurn);
    EXPECT_EQ(left->warmth, 3);
    EXPECT_FALSE(table_->left(hash_of(2)).value());
    ASSERT_TRUE(table_->apply({{hash_of(1), BlobRecord{}}}));
    EXPECT_FALSE(table_->left(hash_of(1)).value());
}

TEST_F(BlobTableTest, WhatLeftLongAgoIsForgotten) {
    std::vector<BlobTable::Change> changes;
    for (std::uint32_t i = 0; i < 2500; ++i) {
        changes.push_back({hash_of(i), std::nullopt, {}, LeftRecord{i, 0}});
    }
    ASSERT_TRUE(table_->apply(changes));
    ASSERT_TRUE(database_->write([&](WriteTxn& txn) -> Status {
        return txn.put(Table::left, blob_key(hash_of(2000)), "not a row");
    }));
    ASSERT_TRUE(table_->forget_left(1998));
    for (const std::uint32_t gone : {0U, 999U, 1000U, 1998U, 2000U}) {
        EXPECT_FALSE(table_->left(hash_of(gone)).value()) << gone;
    }
    EXPECT_TRUE(table_->left(hash_of(1999)).value());
    EXPECT_TRUE(table_->left(hash_of(2499)).value());
}

TEST_F(BlobTableTest, TheClockOfEvictionIsWrittenWithTheRecordsAndOutlivesTheProgram) {
    EXPECT_FALSE(table_->turns().value());
    ASSERT_TRUE(table_->apply({{hash_of(1), BlobRecord{}}}, 9 * kTurn));
    ASSERT_TRUE(table_->apply({{hash_of(1), std::nullopt, {}, LeftRecord{9 * kTurn, 4}}}));
    table_.reset();
    database_.reset();
    SetUp();
    EXPECT_EQ(table_->turns().value(), 9 * kTurn);
    EXPECT_EQ(table_->left(hash_of(1)).value().value().warmth, 4);
}

TEST(Turns, AWeekStandsForATurn) {
    EXPECT_EQ(weeks_since_1970(Instant{}), 0);
    EXPECT_EQ(weeks_since_1970(Instant(std::chrono::weeks(3000))), 3000 * kTurn);
    EXPECT_EQ(weeks_since_1970(Instant(std::chrono::hours(42))), kTurn / 4);
    EXPECT_LT(weeks_since_1970(Instant(std::chrono::weeks(3000)) - std::chrono::seconds(1)),
              3000 * kTurn);
    // Whatever a broken row says.
    EXPECT_GT(weeks_since_1970(Instant::max()), 0);
    EXPECT_LT(weeks_since_1970(Instant::min()), 0);
}

}  // namespace
}  // namespace hubfs::meta
