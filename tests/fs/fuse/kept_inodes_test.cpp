// SPDX-License-Identifier: Apache-2.0
#include "fs/fuse/kept_inodes.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace hubfs::fuse {
namespace {

TEST(KeptInodes, KeepsTheNewestAndForgetsTheOldest) {
    KeptInodes kept(10);
    for (std::uint64_t ino = 0; ino < 100; ++ino) {
        kept.add(tree::Ino{ino});
        kept.add(tree::Ino{ino});
    }
    const auto all = kept.all();
    EXPECT_GE(all.size(), 10U);
    EXPECT_LE(all.size(), 20U);
    for (std::uint64_t ino = 90; ino < 100; ++ino) {
        EXPECT_EQ(std::ranges::count(all, tree::Ino{ino}), 1);
    }
}

}  // namespace
}  // namespace hubfs::fuse
