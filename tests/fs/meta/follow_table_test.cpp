// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/follow_table.h"

#include "tests/fs/meta/meta_fixture.h"

namespace hubfs::meta {
namespace {

constexpr Instant kSince{std::chrono::seconds(1767225600)};

class FollowTableTest : public ::testing::Test {
protected:
    void SetUp() override {
        auto opened = Database::open(dir_.path() + "/meta");
        ASSERT_TRUE(opened);
        database_ = std::move(*opened);
    }
    test::TempDir dir_;
    std::unique_ptr<Database> database_;
    const Follow first_{{RepoType::model, "a/b"},
                        "refs/pr/1",
                        {7, 8, kSince, kSince + std::chrono::seconds(1), {"*.json", ""}, {"x"}}};
    const Follow second_{{RepoType::dataset, "squad"}, "main", {0, 0, kSince, {}, {}, {}}};
};

TEST_F(FollowTableTest, FollowsComeBackAsTheyWereAndOneNameHasOne) {
    FollowTable table(*database_);
    ASSERT_TRUE(table.put(second_));
    ASSERT_TRUE(table.put(first_));
    ASSERT_TRUE(table.put(first_));
    const auto all = table.all();
    ASSERT_TRUE(all) << all.error().message;
    ASSERT_EQ(all->size(), 2U);
    EXPECT_EQ((*all)[0].repo, first_.repo);
    EXPECT_EQ((*all)[0].revision, "refs/pr/1");
    EXPECT_EQ((*all)[0].row.complete, 7U);
    EXPECT_EQ((*all)[0].row.coming, 8U);
    EXPECT_EQ((*all)[0].row.since, kSince);
    EXPECT_EQ((*all)[0].row.completed, first_.row.completed);
    EXPECT_EQ((*all)[0].row.include, first_.row.include);
    EXPECT_EQ((*all)[0].row.exclude, first_.row.exclude);
    EXPECT_EQ((*all)[1].repo, second_.repo);
    EXPECT_TRUE(*table.erase(first_.repo, "refs/pr/1"));
    EXPECT_FALSE(*table.erase(first_.repo, "refs/pr/1"));
    EXPECT_EQ(table.all()->size(), 1U);
}

TEST_F(FollowTableTest, ARowThatWasMadeAnewIsNotChangedByWhoKnewTheOldOne) {
    FollowTable table(*database_);
    ASSERT_TRUE(table.put(second_));
    const auto to_nine = [](FollowRow& row) { row.complete = 9; };
    EXPECT_TRUE(*table.change(second_, to_nine));
    EXPECT_EQ(table.all()->front().row.complete, 9U);
    Follow anew = second_;
    anew.row.since += std::chrono::microseconds(1);
    ASSERT_TRUE(table.put(anew));
    EXPECT_FALSE(*table.change(second_, to_nine));
    EXPECT_EQ(table.all()->front().row.complete, 0U);
    EXPECT_FALSE(*table.change(first_, to_nine));  // never there
}

TEST(FollowRow, WhatIsCutOrLongerIsCorrupt) {
    const std::string whole = encode(FollowRow{1, 2, kSince, kSince, {"a"}, {"b"}});
    ASSERT_TRUE(decode<FollowRow>(whole));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        EXPECT_FALSE(decode<FollowRow>(std::string_view(whole).substr(0, length))) << length;
    }
    EXPECT_FALSE(decode<FollowRow>(whole + "x"));
}

}  // namespace
}  // namespace hubfs::meta
