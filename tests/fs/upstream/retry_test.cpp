// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/retry.h"

#include <gtest/gtest.h>

namespace hubfs::upstream {
namespace {

using std::chrono::milliseconds;

TEST(Retry, waits_double_are_bounded_and_carry_jitter) {
    RetryPolicy policy;
    policy.first = milliseconds(200);
    policy.longest = milliseconds(3000);
    const struct {
        unsigned failures;
        double jitter;
        milliseconds want;
    } rows[] = {
        {1, 1.0, milliseconds(200)},   {2, 1.0, milliseconds(400)},
        {3, 1.0, milliseconds(800)},   {5, 1.0, milliseconds(3000)},
        {60, 1.0, milliseconds(3000)}, {1, 0.0, milliseconds(100)},
        {2, 0.5, milliseconds(300)},   {4000000000U, 0.0, milliseconds(1500)},
        {1, 9.0, milliseconds(200)},   {1, -9.0, milliseconds(100)},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(retry_delay(policy, row.failures, row.jitter), row.want) << row.failures;
    }
}

TEST(Retry, only_what_may_pass_by_itself_is_tried_again) {
    EXPECT_TRUE(worth_retrying(Code::unreachable));
    EXPECT_TRUE(worth_retrying(Code::unavailable));
    EXPECT_TRUE(worth_retrying(Code::timed_out));
    for (const Code code : {Code::protocol, Code::rate_limited, Code::not_found, Code::denied,
                            Code::gated, Code::cancelled, Code::invalid, Code::io}) {
        EXPECT_FALSE(worth_retrying(code)) << name_of(code);
    }
}

}  // namespace
}  // namespace hubfs::upstream
