// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/blob_table.h"

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

}  // namespace
}  // namespace hubfs::meta
