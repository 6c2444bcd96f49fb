// SPDX-License-Identifier: Apache-2.0
#include "fs/base/clock.h"

#include <gtest/gtest.h>

namespace hubfs {
namespace {

TEST(Clock, WritesAndReadsMicroseconds) {
    const Instant at{std::chrono::microseconds(1767225600123456)};
    EXPECT_EQ(to_text(at), "2026-01-01T00:00:00.123456Z");
    EXPECT_EQ(instant_from(to_text(at)), at);
}

TEST(Clock, ReadsTheHubsDates) {
    const auto at = instant_from("2026-10-06T13:24:38.000Z");
    ASSERT_TRUE(at.has_value());
    EXPECT_EQ(to_text(*at), "2026-10-06T13:24:38.000000Z");
    EXPECT_TRUE(instant_from("2026-10-06T13:24:38Z").has_value());
}

TEST(Clock, RefusesWhatIsNoDate) {
    for (const char* text : {"", "2026", "2026-13-06T13:24:38.000Z", "2026-02-30T00:00:00.000Z",
                             "2026-10-06 13:24:38.000Z", "2026-10-06T24:24:38.000Z",
                             "2026-10-06T13:24:38.-10Z", "2026-10-06T13:24:38.000+01"}) {
        EXPECT_FALSE(instant_from(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace hubfs
