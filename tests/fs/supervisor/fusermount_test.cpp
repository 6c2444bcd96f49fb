// SPDX-License-Identifier: Apache-2.0
#include "fs/supervisor/fusermount.h"

#include <gtest/gtest.h>

namespace hubfs::supervisor {
namespace {

TEST(FuseConf, OnlyTheWholeWordOnALineOfItsOwnAllowsOthers) {
    EXPECT_TRUE(allows_other("user_allow_other"));
    EXPECT_TRUE(allows_other("# text\nmount_max = 5\nuser_allow_other \n"));
    EXPECT_FALSE(allows_other(""));
    EXPECT_FALSE(allows_other("#user_allow_other\n"));
    EXPECT_FALSE(allows_other("user_allow_others\n"));
}

}  // namespace
}  // namespace hubfs::supervisor
