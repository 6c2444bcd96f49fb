// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/tree_builder.h"

#include <gtest/gtest.h>

#include "fs/hub/json.h"
#include "fs/meta/schema.h"

namespace hubfs::meta {
namespace {

hub::TreeEntry file(const std::string& path) {
    hub::TreeEntry entry;
    entry.path = path;
    entry.oid = std::string(40, 'a');
    entry.size = 3;
    return entry;
}
hub::TreeEntry directory(const std::string& path) {
    hub::TreeEntry entry = file(path);
    entry.directory = true;
    entry.size = 0;
    return entry;
}

TEST(TreeBuilder, NumbersInTheListingsOrderWithParents) {
    TreeBuilder builder;
    ASSERT_TRUE(builder.add({directory("b"), file("b/x"), file("a")}));
    ASSERT_TRUE(builder.add({directory("b/c"), file("b/c/y")}));
    const auto rows = builder.finish();
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(rows->parents, (std::vector<std::uint32_t>{0, 1, 0, 1, 4}));
    EXPECT_EQ(rows->by_name, (std::vector<std::uint32_t>{3, 1, 4, 2, 5}));
    for (std::size_t i = 0; i < rows->entries.size(); ++i) {
        const auto row = decode<EntryRow>(rows->entries[i]);
        ASSERT_TRUE(row);
        EXPECT_EQ(row->parent, rows->parents[i]);
        EXPECT_FALSE(row->synthesised);
    }
}

TEST(TreeBuilder, DirectoriesMayComeAfterWhatIsInThem) {
    TreeBuilder builder;
    ASSERT_TRUE(builder.add({file("d/x"), directory("d")}));
    const auto rows = builder.finish();
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->parents, (std::vector<std::uint32_t>{2, 0}));
    EXPECT_EQ(rows->entries.size(), 2U);
}

TEST(TreeBuilder, MissingDirectoriesAreSynthesisedAfterTheListing) {
    TreeBuilder builder;
    ASSERT_TRUE(builder.add({file("a/b/c/x"), file("a/y")}));
    const auto rows = builder.finish();
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->entries.size(), 5U);
    std::vector<std::string> made;
    for (std::size_t i = 2; i < 5; ++i) {
        const auto row = decode<EntryRow>(rows->entries[i]);
        ASSERT_TRUE(row);
        EXPECT_TRUE(row->synthesised);
        EXPECT_TRUE(row->entry.directory);
        made.push_back(row->entry.path);
    }
    EXPECT_EQ(made, (std::vector<std::string>{"a/b/c", "a", "a/b"}));
    EXPECT_EQ(rows->parents, (std::vector<std::uint32_t>{3, 4, 5, 0, 4}));
}

TEST(TreeBuilder, TheLengthOfTheTextIsExactAndOnlyTheHubsOwn) {
    TreeBuilder builder;
    ASSERT_TRUE(builder.add({file("a/x"), file("y")}));
    const auto rows = builder.finish();
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->trees_bytes,
              hub::to_json(file("a/x")).size() + hub::to_json(file("y")).size() + 2);
}

TEST(TreeBuilder, HostileListingsAreRefused) {
    const std::vector<std::vector<hub::TreeEntry>> listings = {
        {file("a"), file("a")},         {directory("a"), directory("a")},
        {directory("a"), file("a")},    {file("a"), directory("a")},
        {file("a"), file("a/b")},  // a file that is also a directory
        {file("a/b"), file("a/b/c/d")}, {file(std::string(5000, 'x'))},
    };
    for (const auto& listing : listings) {
        TreeBuilder builder;
        // Every entry on a page of its own: no page alone shows the conflict.
        Status added;
        for (const auto& entry : listing) {
            if (added) {
                added = builder.add({entry});
            }
        }
        const auto rows = added ? builder.finish() : std::unexpected(added.error());
        ASSERT_FALSE(rows) << listing[0].path;
        EXPECT_EQ(rows.error().code, Code::protocol);
    }
}

TEST(TreeBuilder, AnEmptyTreeHasNoRows) {
    TreeBuilder builder;
    ASSERT_TRUE(builder.add({}));
    const auto rows = builder.finish();
    ASSERT_TRUE(rows);
    EXPECT_TRUE(rows->entries.empty());
    EXPECT_EQ(rows->trees_bytes, 0U);
}

}  // namespace
}  // namespace hubfs::meta
