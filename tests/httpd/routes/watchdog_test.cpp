// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/watchdog.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>

namespace httpd::routes {
namespace {

using namespace std::chrono_literals;

constexpr auto kWait = 20s;  // of the tests themselves

TEST(Watchdog, what_is_not_released_expires_once_and_cannot_be_released_any_more) {
    Watchdog watchdog(1ms);
    std::promise<void> expired;
    const auto number = watchdog.watch([&] { expired.set_value(); });
    ASSERT_EQ(expired.get_future().wait_for(kWait), std::future_status::ready);
    EXPECT_FALSE(watchdog.release(number));
}

TEST(Watchdog, what_is_released_never_expires) {
    Watchdog watchdog(1h);
    auto kept = std::make_shared<int>();
    const auto number = watchdog.watch([kept] { FAIL(); });
    EXPECT_EQ(kept.use_count(), 2);
    EXPECT_TRUE(watchdog.release(number));
    EXPECT_EQ(kept.use_count(), 1);  // nothing is held any longer
    EXPECT_FALSE(watchdog.release(number));
}

TEST(Watchdog, the_others_go_on_when_one_is_released) {
    Watchdog watchdog(50ms);
    std::promise<void> expired;
    const auto first = watchdog.watch([] { FAIL(); });
    const auto second = watchdog.watch([&] { expired.set_value(); });
    EXPECT_TRUE(watchdog.release(first));
    ASSERT_EQ(expired.get_future().wait_for(kWait), std::future_status::ready);
    EXPECT_FALSE(watchdog.release(second));
}

TEST(Watchdog, its_end_waits_for_nothing) {
    Watchdog watchdog(1h);
    (void)watchdog.watch([] { FAIL(); });
}

}  // namespace
}  // namespace httpd::routes
