// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/leftover_mount.h"

#include <gtest/gtest.h>

namespace hubfs::cli {
namespace {

constexpr const char* kTable =
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
    "90 22 0:51 / /mnt/hf ro,nosuid shared:9 - fuse.hubfs hubfs ro,user_id=0\n"
    "91 22 0:52 / /mnt/a\\040b ro,nosuid - fuse hubfs ro\n"
    "92 22 0:53 / /mnt/tmp rw - tmpfs none rw\n";

TEST(LeftoverMount, IsFoundInTheTableOfMounts) {
    EXPECT_TRUE(has_fuse_mount(kTable, "/mnt/hf"));
    EXPECT_TRUE(has_fuse_mount(kTable, "/mnt/a b"));
}

TEST(LeftoverMount, IsNoOtherMountAndNoOtherPath) {
    for (const char* path : {"/", "/mnt", "/mnt/hf/", "/mnt/tmp", "/mnt/a\\040b", ""}) {
        EXPECT_FALSE(has_fuse_mount(kTable, path)) << path;
    }
    EXPECT_FALSE(has_fuse_mount("", "/mnt/hf"));
    EXPECT_FALSE(has_fuse_mount("nonsense - fuse", "/mnt/hf"));
}

}  // namespace
}  // namespace hubfs::cli
