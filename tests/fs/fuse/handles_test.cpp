// SPDX-License-Identifier: Apache-2.0
#include "fs/fuse/handles.h"

#include <gtest/gtest.h>

namespace hubfs::fuse {
namespace {

constexpr tree::Ino kA{10};
constexpr tree::Ino kB{11};

TEST(Handles, ANumberIsFoundOnlyForItsInode) {
    Handles<int> handles(0);
    const std::uint64_t fh = handles.add(kA, std::make_shared<int>(1));
    ASSERT_NE(handles.find(fh, kA), nullptr);
    EXPECT_EQ(handles.find(fh, kB), nullptr);
    EXPECT_EQ(handles.find(fh + 1, kA), nullptr);
    EXPECT_EQ(*handles.remove(fh), 1);
    EXPECT_EQ(handles.remove(fh), nullptr);
}

TEST(Handles, NumbersOfTwoDaemonsNeverMeet) {
    Handles<int> before(3);
    Handles<int> after(4);
    const std::uint64_t old = before.add(kA, std::make_shared<int>(1));
    EXPECT_EQ(after.find(old, kA), nullptr);
    for (int i = 0; i < 100; ++i) {
        EXPECT_NE(after.add(kA, std::make_shared<int>(i)), old);
    }
}

TEST(Handles, TheFirstToReopenAnOldNumberWins) {
    Handles<int> handles(1);
    const auto first = std::make_shared<int>(1);
    EXPECT_EQ(handles.put(5, kA, first), first);
    EXPECT_EQ(handles.put(5, kA, std::make_shared<int>(2)), first);
    EXPECT_EQ(handles.find(5, kA), first);
    EXPECT_EQ(handles.size(), 1U);
    handles.clear();
    EXPECT_EQ(handles.size(), 0U);
}

}  // namespace
}  // namespace hubfs::fuse
