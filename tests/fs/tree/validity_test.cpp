// SPDX-License-Identifier: Apache-2.0
#include "fs/tree/validity.h"

#include <gtest/gtest.h>

namespace hubfs::tree {
namespace {

using namespace std::chrono_literals;

// P30
TEST(Validity, AKernelLifetimeEndsAtExpiresAndNeverLater) {
    const Instant now{1000s};
    const struct {
        Duration left;
        Milliseconds valid;
    } cases[] = {{-1h, 0ms},    {0us, 0ms},   {1us, 0ms}, {999us, 0ms},
                 {1500us, 1ms}, {5min, 5min}, {24h, 24h}, {240h, kForever}};
    for (const auto& expected : cases) {
        EXPECT_EQ(until(now + expected.left, now), expected.valid) << expected.left.count();
    }
}

TEST(Validity, OnlyAFileThatIsNotCompleteHasShortLivedAttributes) {
    EXPECT_EQ(file_attributes_valid(true), kForever);
    EXPECT_EQ(file_attributes_valid(false), 1s);
}

TEST(Validity, AFirstNameIsANamespaceUnlessTheFailureIsOurOwn) {
    for (const auto code : {Code::not_found, Code::unreachable, Code::offline, Code::timed_out,
                            Code::rate_limited, Code::unavailable, Code::protocol}) {
        EXPECT_TRUE(namespace_despite(code)) << name_of(code);
    }
    for (const auto code : {Code::io, Code::no_space, Code::cancelled, Code::invalid}) {
        EXPECT_FALSE(namespace_despite(code)) << name_of(code);
    }
}

TEST(Validity, AbsenceIsBelievedForSecondsOnly) {
    EXPECT_GE(kAbsentValid, 1s);
    EXPECT_LE(kAbsentValid, 10s);
}

}  // namespace
}  // namespace hubfs::tree
