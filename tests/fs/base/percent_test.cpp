// SPDX-License-Identifier: Apache-2.0
#include "fs/base/percent.h"

#include <gtest/gtest.h>

namespace hubfs {
namespace {

TEST(Percent, DecodesEachEscapeOnce) {
    EXPECT_EQ(percent_decode("a%2Fb%2fc"), "a/b/c");
    EXPECT_EQ(percent_decode("%2541"), "%41");
    EXPECT_EQ(percent_decode(""), "");
    EXPECT_EQ(percent_decode("%C3%A4"), "\xc3\xa4");
}

TEST(Percent, RefusesBrokenEscapesAndNul) {
    for (const char* text : {"%", "%2", "%zz", "a%", "%00", "%2x"}) {
        EXPECT_FALSE(percent_decode(text).has_value()) << text;
    }
}

TEST(Percent, EncodesAllButUnreservedAndKept) {
    EXPECT_EQ(percent_encode("aZ9-._~"), "aZ9-._~");
    EXPECT_EQ(percent_encode("a b/c%"), "a%20b%2Fc%25");
    EXPECT_EQ(percent_encode("a/b?c", "/"), "a/b%3Fc");
    EXPECT_EQ(percent_decode(percent_encode("\x01\xff \xc3\xa4")), "\x01\xff \xc3\xa4");
}

}  // namespace
}  // namespace hubfs
