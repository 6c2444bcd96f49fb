// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/restart_policy.h"

#include <gtest/gtest.h>

#include <vector>

namespace hubfs::cli {
namespace {

using namespace std::chrono_literals;

std::vector<Steady> deaths(std::initializer_list<std::chrono::milliseconds> times) {
    std::vector<Steady> out;
    for (const auto time : times) {
        out.push_back(Steady(time));
    }
    return out;
}

TEST(RestartPolicy, DoublesTheDelayWithEachDeathOfTheWindow) {
    EXPECT_EQ(restart_delay(deaths({1s})), 100ms);
    EXPECT_EQ(restart_delay(deaths({1s, 2s})), 200ms);
    EXPECT_EQ(restart_delay(deaths({1s, 2s, 3s})), 400ms);
    EXPECT_EQ(restart_delay(deaths({1s, 2s, 3s, 4s, 5s})), 1600ms);
}

TEST(RestartPolicy, GivesUpAfterTooManyDeathsInTheWindow) {
    EXPECT_EQ(restart_delay(deaths({1s, 2s, 3s, 4s, 5s, 6s})), std::nullopt);
}

TEST(RestartPolicy, ForgetsWhatIsOlderThanTheWindow) {
    EXPECT_EQ(restart_delay(deaths({1s, 2s, 3s, 4s, 5s, 70s})), 100ms);
    EXPECT_EQ(restart_delay(deaths({1s, 20s, 40s, 60s, 80s, 100s})), 400ms);
    EXPECT_EQ(restart_delay({}), 0ms);
}

}  // namespace
}  // namespace hubfs::cli
