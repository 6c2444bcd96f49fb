// SPDX-License-Identifier: Apache-2.0
#include "httpd/hot/epoch_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "tests/support/test_clock.h"

namespace httpd::hot {
namespace {

using std::chrono::milliseconds;

// Asks until the thread has read; a test that never sees a value ends by its own timeout.
std::uint64_t first_value(EpochWatch& watch, const hubfs::Clock& clock) {
    while (true) {
        if (const auto value = watch.current(clock.steady())) {
            return *value;
        }
        std::this_thread::yield();
    }
}

TEST(EpochWatch, nothing_is_known_before_the_first_read) {
    hubfs::test::TestClock clock;
    std::promise<void> release;
    auto released = release.get_future().share();
    EpochWatch watch(
        [released] {
            released.wait();
            return std::optional<std::uint64_t>(7);
        },
        clock);
    EXPECT_EQ(watch.current(clock.steady()), std::nullopt);
    release.set_value();
    EXPECT_EQ(first_value(watch, clock), 7U);
}

TEST(EpochWatch, a_value_is_given_for_a_quarter_of_a_second) {
    hubfs::test::TestClock clock;
    EpochWatch watch([] { return std::optional<std::uint64_t>(7); }, clock);
    EXPECT_EQ(first_value(watch, clock), 7U);
    ASSERT_TRUE(watch.stop(milliseconds(5000)));
    const hubfs::Steady read_at = clock.steady();
    EXPECT_EQ(watch.current(read_at + milliseconds(249)), 7U);
    EXPECT_EQ(watch.current(read_at + milliseconds(250)), std::nullopt);
}

TEST(EpochWatch, a_mount_that_is_gone_takes_the_value_away) {
    hubfs::test::TestClock clock;
    std::atomic<bool> there{true};
    EpochWatch watch([&] { return there ? std::optional<std::uint64_t>(7) : std::nullopt; }, clock);
    EXPECT_EQ(first_value(watch, clock), 7U);
    there = false;
    while (watch.current(clock.steady())) {
        std::this_thread::yield();
    }
    there = true;
    EXPECT_EQ(first_value(watch, clock), 7U);
}

TEST(EpochWatch, says_when_a_read_hangs_at_the_end) {
    hubfs::test::TestClock clock;
    std::promise<void> reading;
    std::promise<void> release;
    auto released = release.get_future();
    EpochWatch watch(
        [&]() -> std::optional<std::uint64_t> {
            reading.set_value();
            released.wait();
            return std::nullopt;
        },
        clock);
    (void)watch.current(clock.steady());
    reading.get_future().wait();
    EXPECT_FALSE(watch.stop(milliseconds(1)));
    release.set_value();
    EXPECT_TRUE(watch.stop(milliseconds(5000)));
}

}  // namespace
}  // namespace httpd::hot
