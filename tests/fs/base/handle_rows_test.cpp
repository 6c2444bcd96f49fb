// SPDX-License-Identifier: Apache-2.0
#include "fs/base/handle_rows.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <utility>

namespace hubfs {
namespace {

TEST(HandleRows, WhatOneMappingWroteTheNextOneFinds) {
    const Fd file = *HandleRows::create(4);
    const HandleRow row{.fh = 7, .node = 1ULL << 60, .backing_id = -3};
    {
        HandleRows first = *HandleRows::map(file);
        EXPECT_EQ(first.capacity(), 4U);
        EXPECT_TRUE(first.all().empty());
        first.write(2, row);
        first.write(3, {.fh = 8, .node = 1, .backing_id = 0});
        first.clear(3);
    }
    const HandleRows second = *HandleRows::map(file);
    EXPECT_EQ(second.read(2), row);
    EXPECT_EQ(second.read(3), HandleRow{});
    EXPECT_EQ(second.all(), std::vector<HandleRow>{row});
}

TEST(HandleRows, TheSizeCannotBeChangedByWhoMapsIt) {
    const Fd file = *HandleRows::create(4);
    EXPECT_NE(ftruncate(file.get(), 0), 0);
    EXPECT_NE(ftruncate(file.get(), 1 << 20), 0);
}

TEST(HandleRows, AFileThatIsNotTheSupervisorsIsRefused) {
    const Fd plain(memfd_create("plain", MFD_CLOEXEC));
    ASSERT_EQ(ftruncate(plain.get(), 4096), 0);
    EXPECT_EQ(HandleRows::map(plain).error().code, Code::invalid);
    EXPECT_EQ(HandleRows::map(Fd()).error().code, Code::invalid);
}

}  // namespace
}  // namespace hubfs
