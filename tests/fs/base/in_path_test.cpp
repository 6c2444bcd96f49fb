// SPDX-License-Identifier: Apache-2.0
#include "fs/base/in_path.h"

#include <gtest/gtest.h>

namespace hubfs {
namespace {

TEST(InPath, FindsPrograms) {
    EXPECT_TRUE(in_path("sh"));
    EXPECT_FALSE(in_path("no-such-program-here"));
}

}  // namespace
}  // namespace hubfs
