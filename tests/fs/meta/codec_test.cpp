// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/codec.h"

#include <gtest/gtest.h>

namespace hubfs::meta {
namespace {

TEST(Codec, KeysAreBigEndianAndValuesLittleEndian) {
    EXPECT_EQ(Writer().u32_big(0x01020304).take(), std::string("\x01\x02\x03\x04"));
    EXPECT_EQ(Writer().u32(0x01020304).take(), std::string("\x04\x03\x02\x01"));
    EXPECT_EQ(Writer().u64_big(0x0102030405060708).take(),
              std::string("\x01\x02\x03\x04\x05\x06\x07\x08"));
    EXPECT_EQ(Writer().u16(0x0102).take(), std::string("\x02\x01"));
}

TEST(Codec, ReadsBackWhatItWrote) {
    const std::array<std::uint8_t, 4> hash{1, 2, 3, 0xff};
    const Instant at{std::chrono::microseconds(-5)};  // before 1970 is a time too
    const std::string bytes = Writer()
                                  .u8(7)
                                  .u16(65535)
                                  .u32(4000000000U)
                                  .u64(~0ULL)
                                  .time(at)
                                  .raw(hash)
                                  .text16("name")
                                  .text32(std::string("a\0b", 3))
                                  .u64_big(9)
                                  .take();
    Reader reader(bytes);
    EXPECT_EQ(reader.u8(), 7);
    EXPECT_EQ(reader.u16(), 65535);
    EXPECT_EQ(reader.u32(), 4000000000U);
    EXPECT_EQ(reader.u64(), ~0ULL);
    EXPECT_EQ(reader.time(), at);
    std::array<std::uint8_t, 4> read{};
    reader.raw(read);
    EXPECT_EQ(read, hash);
    EXPECT_EQ(reader.text16(), "name");
    EXPECT_EQ(reader.text32(), std::string_view("a\0b", 3));
    EXPECT_FALSE(reader.done());
    EXPECT_EQ(reader.u64_big(), 9U);
    EXPECT_TRUE(reader.done());
}

TEST(Codec, AShortReadSpoilsEverythingAfterIt) {
    Reader reader("\x05\x00xy");  // says five bytes, has two
    EXPECT_EQ(reader.text16(), "");
    EXPECT_FALSE(reader.ok());
    EXPECT_EQ(reader.u8(), 0);
    EXPECT_FALSE(reader.done());
}

}  // namespace
}  // namespace hubfs::meta
