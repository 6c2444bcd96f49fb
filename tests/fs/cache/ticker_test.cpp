// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/ticker.h"

#include <gtest/gtest.h>

#include <future>

namespace hubfs::cache {
namespace {

using namespace std::chrono_literals;

TEST(Ticker, WorksWhenPokedAndAgainAsLongAsTheWorkSaysSo) {
    int runs = 0;
    std::promise<void> third;
    Ticker ticker("test", 1ms, [&] {
        if (++runs == 3) {
            third.set_value();
        }
        return runs < 3;
    });
    ticker.poke();
    ASSERT_EQ(third.get_future().wait_for(20s), std::future_status::ready);
    ticker.stop();
    EXPECT_EQ(runs, 3);
}

TEST(Ticker, DoesNothingUnlessPokedAndStopsWhileItWaits) {
    int runs = 0;
    Ticker ticker("test", 1h, [&] {
        ++runs;
        return true;
    });
    ticker.poke();
    ticker.stop();
    ticker.stop();
    EXPECT_EQ(runs, 0);
}

TEST(Ticker, PokesDuringAnIntervalAreOneGroup) {
    std::atomic<int> runs = 0;
    std::promise<void> done;
    std::promise<void> go_on;
    auto released = go_on.get_future().share();
    Ticker ticker("test", 1ms, [&] {
        if (++runs == 1) {
            released.wait();
        } else {
            done.set_value();
        }
        return false;
    });
    ticker.poke();
    while (runs == 0) {
        std::this_thread::yield();
    }
    ticker.poke();
    ticker.poke();
    ticker.poke();
    go_on.set_value();
    ASSERT_EQ(done.get_future().wait_for(20s), std::future_status::ready);
    ticker.stop();
    EXPECT_EQ(runs, 2);
}

}  // namespace
}  // namespace hubfs::cache
