// SPDX-License-Identifier: Apache-2.0
#include "fs/tree/handles.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace hubfs::tree {
namespace {

std::string read(Handle& handle, std::uint64_t offset, std::size_t size) {
    std::string text = "no answer";
    handle.read(offset, size, [&](Result<cache::Bytes> bytes) {
        text = bytes
                   ? std::string(reinterpret_cast<const char*>((*bytes)->data()), (*bytes)->size())
                   : "error";
    });
    return text;
}

TEST(LazyText, IsMadeByTheFirstReadAndOnce) {
    int made = 0;
    const auto handle = lazy_text_handle([&made]() -> Result<std::string> {
        ++made;
        return "0123456789";
    });
    EXPECT_TRUE(handle->keep_pages());
    EXPECT_EQ(made, 0);
    EXPECT_EQ(read(*handle, 2, 3), "234");
    EXPECT_EQ(read(*handle, 8, 100), "89");
    EXPECT_EQ(read(*handle, 10, 1), "");
    EXPECT_EQ(made, 1);
}

TEST(LazyText, AFailureIsToldAndTriedAgain) {
    bool broken = true;
    const auto handle = lazy_text_handle([&broken]() -> Result<std::string> {
        return broken ? Result<std::string>(fail(Code::io, "disk")) : "x";
    });
    EXPECT_EQ(read(*handle, 0, 1), "error");
    broken = false;
    EXPECT_EQ(read(*handle, 0, 1), "x");
}

}  // namespace
}  // namespace hubfs::tree
