// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/pin_table.h"

#include "tests/fs/meta/meta_fixture.h"

namespace hubfs::meta {
namespace {

class PinTableTest : public ::testing::Test {
protected:
    void SetUp() override {
        auto opened = Database::open(dir_.path() + "/meta");
        ASSERT_TRUE(opened);
        database_ = std::move(*opened);
    }
    test::TempDir dir_;
    std::unique_ptr<Database> database_;
};

TEST_F(PinTableTest, PinsComeBackAsTheyWereAndOneNameHasOne) {
    PinTable table(*database_);
    const Instant since{std::chrono::seconds(1767225600)};
    const Pin first{{RepoType::model, "a/b"}, "refs/pr/1", {7, since, {"*.json", ""}, {"x"}}};
    const Pin second{{RepoType::dataset, "squad"}, "main", {8, since, {}, {}}};
    ASSERT_TRUE(table.put(first));
    ASSERT_TRUE(table.put(second));
    Pin newer = second;
    newer.row.commit = 9;
    ASSERT_TRUE(table.put(newer));
    const auto all = table.all();
    ASSERT_TRUE(all) << all.error().message;
    ASSERT_EQ(all->size(), 2U);
    EXPECT_EQ((*all)[0].repo, first.repo);
    EXPECT_EQ((*all)[0].revision, "refs/pr/1");
    EXPECT_EQ((*all)[0].row.commit, 7U);
    EXPECT_EQ((*all)[0].row.since, since);
    EXPECT_EQ((*all)[0].row.include, first.row.include);
    EXPECT_EQ((*all)[0].row.exclude, first.row.exclude);
    EXPECT_EQ((*all)[1].repo, second.repo);
    EXPECT_EQ((*all)[1].row.commit, 9U);
    EXPECT_TRUE(*table.erase(first.repo, "refs/pr/1"));
    EXPECT_FALSE(*table.erase(first.repo, "refs/pr/1"));
    EXPECT_FALSE(*table.erase(second.repo, "v1"));
    EXPECT_EQ(table.all()->size(), 1U);
}

}  // namespace
}  // namespace hubfs::meta
