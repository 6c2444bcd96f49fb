// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/breaker.h"

#include <gtest/gtest.h>

namespace hubfs::upstream {
namespace {

using std::chrono::seconds;

constexpr BreakerPolicy kPolicy{3, seconds(1), seconds(4)};
constexpr Steady kStart{seconds(1000)};

Breaker given_up() {
    Breaker breaker(kPolicy);
    for (int i = 0; i < 3; ++i) {
        breaker.failed(kStart, Code::unreachable);
    }
    return breaker;
}

TEST(BreakerOfAnOrigin, gives_up_after_failures_in_a_row_only) {
    Breaker breaker(kPolicy);
    breaker.failed(kStart, Code::unreachable);
    breaker.failed(kStart, Code::timed_out);
    breaker.succeeded();
    breaker.failed(kStart, Code::unreachable);
    breaker.failed(kStart, Code::unreachable);
    EXPECT_TRUE(breaker.allows(kStart));
    EXPECT_FALSE(breaker.given_up());
    breaker.failed(kStart, Code::timed_out);
    EXPECT_TRUE(breaker.given_up());
    EXPECT_FALSE(breaker.allows(kStart));
    EXPECT_EQ(breaker.reason(), Code::timed_out);
}

TEST(BreakerOfAnOrigin, lets_one_probe_out_per_pause) {
    Breaker breaker = given_up();
    EXPECT_FALSE(breaker.allows(kStart + seconds(1) - Duration(1)));
    EXPECT_TRUE(breaker.allows(kStart + seconds(1)));
    EXPECT_FALSE(breaker.allows(kStart + seconds(1)));
    // A probe that never tells how it ended costs one more pause, no more.
    EXPECT_TRUE(breaker.allows(kStart + seconds(2)));
}

TEST(BreakerOfAnOrigin, pauses_longer_after_each_failed_probe_up_to_a_bound) {
    Breaker breaker = given_up();
    Steady now = kStart;
    for (const seconds pause : {seconds(1), seconds(2), seconds(4), seconds(4)}) {
        EXPECT_FALSE(breaker.allows(now + pause - Duration(1)));
        now += pause;
        EXPECT_TRUE(breaker.allows(now)) << pause.count();
        breaker.failed(now, Code::unreachable);
    }
}

TEST(BreakerOfAnOrigin, failures_that_were_under_way_do_not_make_the_pause_longer) {
    Breaker breaker = given_up();
    for (int i = 0; i < 10; ++i) {
        breaker.failed(kStart, Code::unreachable);
    }
    EXPECT_TRUE(breaker.allows(kStart + seconds(1)));
}

TEST(BreakerOfAnOrigin, a_probe_that_succeeds_ends_it) {
    Breaker breaker = given_up();
    EXPECT_TRUE(breaker.allows(kStart + seconds(1)));
    breaker.succeeded();
    EXPECT_TRUE(breaker.allows(kStart + seconds(1)));
    EXPECT_FALSE(breaker.given_up());
}

}  // namespace
}  // namespace hubfs::upstream
