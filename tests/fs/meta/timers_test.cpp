// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/timers.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <vector>

namespace hubfs::meta {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(Timers, RunInTheOrderOfTheirTimes) {
    Timers timers;
    std::vector<int> order;  // touched by the timer's thread alone until `last` is set
    std::promise<void> last;
    timers.after(milliseconds(30), [&] {
        order.push_back(2);
        last.set_value();
    });
    timers.after(milliseconds(5), [&] { order.push_back(1); });
    ASSERT_EQ(last.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
    EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(Timers, StoppingDropsWhatIsNotDue) {
    const auto alive = std::make_shared<int>(1);
    bool ran = false;
    Timers timers;
    timers.after(hours(1), [alive, &ran] { ran = true; });
    EXPECT_EQ(alive.use_count(), 2);
    timers.stop();
    EXPECT_EQ(alive.use_count(), 1);
    EXPECT_FALSE(ran);
    timers.after(milliseconds(0), [alive, &ran] { ran = true; });
    EXPECT_EQ(alive.use_count(), 1);
}

}  // namespace
}  // namespace hubfs::meta
