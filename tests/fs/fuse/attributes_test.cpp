// SPDX-License-Identifier: Apache-2.0
#include "fs/fuse/attributes.h"

#include <gtest/gtest.h>

namespace hubfs::fuse {
namespace {

using std::chrono::microseconds;

TEST(Attributes, EveryoneMayReadAndNobodyWrite) {
    const Owner owner{.uid = 12, .gid = 34};
    const auto mode = [&](tree::NodeKind kind) {
        return to_stat({.ino = tree::Ino{9}, .kind = kind}, owner).st_mode;
    };
    EXPECT_EQ(mode(tree::NodeKind::directory), S_IFDIR | 0555U);
    EXPECT_EQ(mode(tree::NodeKind::file), S_IFREG | 0444U);
    EXPECT_EQ(mode(tree::NodeKind::symlink), S_IFLNK | 0777U);
    const struct stat st = to_stat({.ino = tree::Ino{9}}, owner);
    EXPECT_EQ(st.st_uid, 12U);
    EXPECT_EQ(st.st_gid, 34U);
    EXPECT_EQ(st.st_ino, 9U);
}

TEST(Attributes, BlocksCountWhatIsCachedRoundedUp) {
    const auto blocks = [](std::uint64_t cached) {
        return to_stat({.size_bytes = 1 << 20, .cached_bytes = cached}, {}).st_blocks;
    };
    EXPECT_EQ(blocks(0), 0);
    EXPECT_EQ(blocks(1), 1);
    EXPECT_EQ(blocks(512), 1);
    EXPECT_EQ(blocks(1 << 20), 2048);
}

TEST(Attributes, TimesKeepTheirFractionAlsoBefore1970) {
    const auto mtime = [](std::int64_t us) {
        return to_stat({.mtime = Instant(microseconds(us))}, {}).st_mtim;
    };
    EXPECT_EQ(mtime(1'500'000).tv_sec, 1);
    EXPECT_EQ(mtime(1'500'000).tv_nsec, 500'000'000);
    EXPECT_EQ(mtime(-500'000).tv_sec, -1);
    EXPECT_EQ(mtime(-500'000).tv_nsec, 500'000'000);
}

TEST(Attributes, AnEntryCarriesBothLifetimesAndOneNumber) {
    const tree::Attributes attributes{.ino = tree::Ino{7},
                                      .valid = std::chrono::milliseconds(1500)};
    const fuse_entry_param entry = to_entry(attributes, std::chrono::milliseconds(250), {});
    EXPECT_EQ(entry.ino, 7U);
    EXPECT_EQ(entry.attr.st_ino, 7U);
    EXPECT_DOUBLE_EQ(entry.attr_timeout, 1.5);
    EXPECT_DOUBLE_EQ(entry.entry_timeout, 0.25);
}

}  // namespace
}  // namespace hubfs::fuse
