// SPDX-License-Identifier: Apache-2.0
#include "fs/base/log_limit.h"

#include <gtest/gtest.h>

namespace hubfs {
namespace {

TEST(LogLimits, let_one_line_of_a_kind_through_each_minute) {
    LogLimit limit;
    const Steady start{};
    EXPECT_TRUE(limit.due("a", start));
    EXPECT_FALSE(limit.due("a", start + LogLimit::kPeriod - Duration(1)));
    EXPECT_TRUE(limit.due("b", start));
    EXPECT_TRUE(limit.due("a", start + LogLimit::kPeriod));
    EXPECT_FALSE(limit.due("a", start + LogLimit::kPeriod));
}

TEST(LogLimits, remember_a_bounded_number_of_kinds) {
    LogLimit limit;
    for (std::size_t i = 0; i < LogLimit::kKindsMax; ++i) {
        EXPECT_TRUE(limit.due(std::to_string(i), Steady{}));
    }
    EXPECT_FALSE(limit.due("0", Steady{}));
    EXPECT_TRUE(limit.due("one more", Steady{}));
    EXPECT_TRUE(limit.due("0", Steady{})) << "all were forgotten";
}

}  // namespace
}  // namespace hubfs
