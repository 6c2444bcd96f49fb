// SPDX-License-Identifier: Apache-2.0
#include "fs/base/text.h"

#include <gtest/gtest.h>

namespace hubfs {
namespace {

TEST(Text, lower_case_is_of_ascii_letters_only) {
    EXPECT_EQ(ascii_lower("Content-LENGTH @[`{"), "content-length @[`{");
    EXPECT_EQ(ascii_lower("\xc3\x84"), "\xc3\x84");
    EXPECT_EQ(ascii_lower(""), "");
}

TEST(Text, trimmed_takes_blanks_from_both_ends) {
    EXPECT_EQ(trimmed(" \t a b\r\n"), "a b");
    EXPECT_EQ(trimmed("ab"), "ab");
    EXPECT_EQ(trimmed(" \r\n\t "), "");
    EXPECT_EQ(trimmed(""), "");
}

}  // namespace
}  // namespace hubfs
