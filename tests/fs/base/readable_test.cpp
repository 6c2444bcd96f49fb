// SPDX-License-Identifier: Apache-2.0
#include "fs/base/readable.h"

#include <gtest/gtest.h>

namespace hubfs {
namespace {

TEST(Readable, SizesHaveTheLargestUnitThatFits) {
    EXPECT_EQ(readable_size(0), "0 B");
    EXPECT_EQ(readable_size(1023), "1023 B");
    EXPECT_EQ(readable_size(1536), "1.5 KiB");
    EXPECT_EQ(readable_size(100.0 * (1ULL << 30)), "100.0 GiB");
    EXPECT_EQ(readable_size(5000.0 * (1ULL << 50)), "5000.0 PiB");
}

}  // namespace
}  // namespace hubfs
