// SPDX-License-Identifier: Apache-2.0
// mountinfo as the kernel writes it (proc(5)): stacked mounts, escaped paths, broken lines.
#include "fs/supervisor/mountinfo.h"

#include <gtest/gtest.h>

namespace hubfs::supervisor {
namespace {

constexpr std::string_view kText =
    "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
    "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard\n"
    "60 27 0:50 / /mnt/hf ro,nosuid,nodev,relatime shared:5 master:2 - fuse.hubfs hubfs ro\n"
    "61 27 0:51 / /mnt/with\\040space\\134and\\011tab rw - tmpfs none rw\n"
    "62 60 0:52 / /mnt/hf rw - tmpfs over rw\n";

TEST(Mountinfo, ReadsPointTypeAndSourcePastOptionalFields) {
    const auto mounts = parse_mountinfo(kText);
    ASSERT_EQ(mounts.size(), 5U);
    EXPECT_EQ(mounts[2].mount_point, "/mnt/hf");
    EXPECT_EQ(mounts[2].type, "fuse.hubfs");
    EXPECT_EQ(mounts[2].source, "hubfs");
}

TEST(Mountinfo, DecodesOctalEscapes) {
    EXPECT_EQ(parse_mountinfo(kText)[3].mount_point, "/mnt/with space\\and\ttab");
}

TEST(Mountinfo, TheLastOfStackedMountsIsOnTop) {
    const auto mounts = parse_mountinfo(kText);
    const MountEntry* top = topmost(mounts, "/mnt/hf");
    ASSERT_NE(top, nullptr);
    EXPECT_EQ(top->source, "over");
    EXPECT_EQ(topmost(mounts, "/mnt"), nullptr);
}

TEST(Mountinfo, LeavesOutLinesThatBreakTheFormat) {
    EXPECT_TRUE(parse_mountinfo("").empty());
    EXPECT_TRUE(parse_mountinfo("\n\n").empty());
    EXPECT_TRUE(parse_mountinfo("1 2 3:4 / /x rw\n").empty());
    EXPECT_TRUE(parse_mountinfo("1 2 3:4 / /x rw a b c d e\n").empty());
    EXPECT_TRUE(parse_mountinfo("1 2 3:4 / /x rw shared:1 master:2 - ext4\n").empty());
    EXPECT_EQ(parse_mountinfo("1 2 3:4 / /x rw - ext4 src rw").size(), 1U);
}

TEST(Mountinfo, ThisProcessHasARoot) {
    const auto mounts = read_mountinfo();
    ASSERT_TRUE(mounts);
    EXPECT_NE(topmost(*mounts, "/"), nullptr);
}

}  // namespace
}  // namespace hubfs::supervisor
