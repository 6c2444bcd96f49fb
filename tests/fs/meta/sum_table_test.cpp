// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/sum_table.h"

#include "fs/meta/blob_table.h"
#include "tests/fs/meta/meta_fixture.h"

namespace hubfs::meta {
namespace {

ContentHash hash_of(std::uint8_t byte, HashKind kind = HashKind::sha256) {
    ContentHash hash{kind, {}};
    hash.bytes.fill(byte);
    return hash;
}

SumRow row(std::uint32_t number, std::vector<std::uint64_t> sums) {
    return {number, 1U << 20, std::move(sums)};
}

class SumTable : public ::testing::Test {
protected:
    void SetUp() override { open(); }
    void open() {
        table_.reset();
        database_.reset();
        auto opened = Database::open(dir_.path() + "/meta");
        ASSERT_TRUE(opened);
        database_ = std::move(*opened);
        table_.emplace(*database_);
    }
    // "number:sum,sum;" of every row.
    [[nodiscard]] std::string shown(const ContentHash& hash) const {
        const auto rows = table_->sums(hash);
        if (!rows) {
            return rows.error().message;
        }
        std::string text;
        for (const SumRow& each : *rows) {
            text += std::to_string(each.number) + ":";
            for (const std::uint64_t sum : each.sums) {
                text += std::to_string(sum) + ",";
            }
            text += ";";
        }
        return text;
    }
    test::TempDir dir_;
    std::unique_ptr<Database> database_;
    std::optional<BlobTable> table_;
};

TEST_F(SumTable, RowsComeBackInOrderAlsoFromANewStart) {
    ASSERT_TRUE(table_->apply({{hash_of(1), BlobRecord{}, {row(2, {7}), row(0, {1, 0, 3})}}}));
    ASSERT_TRUE(table_->apply({{hash_of(1), BlobRecord{}, {row(2, {8, 9})}}}));
    EXPECT_EQ(shown(hash_of(1)), "0:1,0,3,;2:8,9,;");
    open();
    EXPECT_EQ(shown(hash_of(1)), "0:1,0,3,;2:8,9,;");
    EXPECT_EQ(table_->sums(hash_of(1))->front().block_bytes, 1U << 20);
}

TEST_F(SumTable, TheyGoWithTheirRecordAndOnlyWithIt) {
    ASSERT_TRUE(table_->apply({{hash_of(1), BlobRecord{}, {row(0, {1}), row(1, {2})}},
                               {hash_of(2), BlobRecord{}, {row(0, {3})}},
                               {hash_of(1, HashKind::git_sha1), BlobRecord{}, {row(0, {4})}}}));
    ASSERT_TRUE(table_->apply({{hash_of(1), BlobRecord{}}}));
    EXPECT_EQ(shown(hash_of(1)), "0:1,;1:2,;");
    ASSERT_TRUE(table_->apply({{hash_of(1), std::nullopt}}));
    EXPECT_EQ(shown(hash_of(1)), "");
    EXPECT_EQ(shown(hash_of(2)), "0:3,;");
    EXPECT_EQ(shown(hash_of(1, HashKind::git_sha1)), "0:4,;");
}

TEST_F(SumTable, OnlyWholeRowsDecode) {
    const std::string bytes = encode_sums(row(0, {1, 2}));
    EXPECT_EQ(bytes.size(), 5U + 16U);
    for (const std::size_t size : {0U, 1U, 4U, 6U, 20U}) {
        EXPECT_FALSE(decode_sums(std::string_view(bytes).substr(0, size))) << size;
    }
    EXPECT_EQ(decode_sums(bytes)->sums, (std::vector<std::uint64_t>{1, 2}));
    EXPECT_FALSE(decode_sums("\2" + bytes.substr(1)));
    EXPECT_FALSE(decode_sums(encode_sums(row(0, std::vector<std::uint64_t>(kSumsPerRow + 1, 5)))));
}

}  // namespace
}  // namespace hubfs::meta
