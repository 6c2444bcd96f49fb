// SPDX-License-Identifier: Apache-2.0
#include "fs/supervisor/restart_policy.h"

#include <gtest/gtest.h>

namespace hubfs::supervisor {
namespace {

using std::chrono::seconds;

TEST(RestartPolicy, GivesUpAtTheFifthDeathWithinTenSeconds) {
    RestartPolicy policy;
    for (int i = 0; i < 4; ++i) {
        EXPECT_TRUE(policy.died(Steady(seconds(100 + i))));
    }
    EXPECT_FALSE(policy.died(Steady(seconds(110))));
}

TEST(RestartPolicy, ForgetsDeathsThatAreLongAgo) {
    RestartPolicy policy;
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(policy.died(Steady(seconds(100 + 3 * i)))) << i;
    }
}

}  // namespace
}  // namespace hubfs::supervisor
