// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/choice.h"

#include <gtest/gtest.h>

#include <vector>

namespace hubfs::doctor {
namespace {

hub::TreeEntry file(std::string path, std::uint64_t size, bool lfs = false) {
    hub::TreeEntry entry;
    entry.path = std::move(path);
    entry.size = size;
    entry.oid = "git of " + entry.path;
    entry.lfs_oid = lfs ? "sha of " + entry.path : "";
    return entry;
}

TEST(Choice, TakesTheSmallestOfEachKindThatIsNotEmpty) {
    hub::TreeEntry directory = file("dir", 0);
    directory.directory = true;
    const std::vector<hub::TreeEntry> entries = {
        directory,    file("empty", 0),      file("b", 9),          file("a", 5),
        file("c", 5), file("big", 90, true), file("small", 8, true)};
    const Choice choice = choose_files(entries);
    ASSERT_TRUE(choice.small && choice.lfs);
    EXPECT_EQ(choice.small->path, "a");
    EXPECT_EQ(choice.small->etag, "git of a");
    EXPECT_EQ(choice.lfs->path, "small");
    EXPECT_EQ(choice.lfs->etag, "sha of small");
    EXPECT_EQ(choice.lfs->size_bytes, 8U);
}

TEST(Choice, MayBeNothing) {
    EXPECT_FALSE(choose_files({}).small.has_value());
    EXPECT_FALSE(choose_files(std::vector{file("empty", 0)}).small.has_value());
}

}  // namespace
}  // namespace hubfs::doctor
