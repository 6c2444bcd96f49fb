// SPDX-License-Identifier: Apache-2.0
#include "fs/supervisor/restart_policy.h"

#include <gtest/gtest.h>

namespace hubfs::supervisor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(RestartPolicy, GivesUpAtTheTenthDaemonInARowThatServedNobody) {
    RestartPolicy policy;
    for (int i = 0; i < 9; ++i) {
        const Steady at(seconds(100 * i));
        EXPECT_TRUE(policy.died(
            at, i % 2 == 0 ? std::nullopt : std::optional(at - milliseconds(99)), false))
            << i;
    }
    EXPECT_FALSE(policy.died(Steady(seconds(900)), std::nullopt, true));
}

TEST(RestartPolicy, ADaemonThatServedBeginsTheCountAnew) {
    RestartPolicy policy;
    for (int i = 0; i < 100; ++i) {
        const Steady at(seconds(100 + i));
        EXPECT_TRUE(policy.died(
            at, i % 9 == 8 ? std::optional(at - milliseconds(100)) : std::nullopt, false))
            << i;
    }
}

TEST(RestartPolicy, WhoeverIsKilledWhileItServesHasServed) {
    RestartPolicy policy;
    for (int i = 0; i < 100; ++i) {
        const Steady at(seconds(100 + i));
        EXPECT_TRUE(policy.died(at, at - milliseconds(1), true)) << i;
    }
}

TEST(RestartPolicy, GivesUpWhenThereIsNoEndOfDeaths) {
    RestartPolicy policy;
    Steady at(seconds(100));
    for (int i = 0; i < 199; ++i) {
        at += milliseconds(300);
        EXPECT_TRUE(policy.died(at, at - milliseconds(200), false)) << i;
    }
    at += milliseconds(300);
    EXPECT_FALSE(policy.died(at, at - milliseconds(200), false));
}

TEST(RestartPolicy, ForgetsDeathsThatAreLongAgo) {
    RestartPolicy policy;
    for (int i = 0; i < 1000; ++i) {
        const Steady at(milliseconds(310 * i + 1000));
        EXPECT_TRUE(policy.died(at, at - milliseconds(200), false)) << i;
    }
}

}  // namespace
}  // namespace hubfs::supervisor
