// SPDX-License-Identifier: Apache-2.0
#include "fs/fuse/notifier.h"

#include <gtest/gtest.h>

#include <future>

namespace hubfs::fuse {
namespace {

TEST(Notifier, SendsInOrderFromAThreadOfItsOwn) {
    Counters counters;
    std::promise<std::string> done;
    std::string seen;
    std::thread::id sender;
    Notifier notifier(
        [&](const Notification& each) {
            sender = std::this_thread::get_id();
            seen += each.name;
            if (seen.size() == 3) {
                done.set_value(seen);
            }
        },
        counters);
    for (const char* name : {"a", "b", "c"}) {
        notifier.push({tree::Ino{1}, name});
    }
    EXPECT_EQ(done.get_future().get(), "abc");
    EXPECT_NE(sender, std::this_thread::get_id());
}

TEST(Notifier, AfterStopNothingIsSentAndPushStillReturns) {
    Counters counters;
    std::promise<void> inside;
    std::promise<void> leave;
    std::atomic<int> sent{0};
    {
        Notifier notifier(
            [&](const Notification&) {
                if (++sent == 1) {
                    inside.set_value();
                    leave.get_future().wait();
                }
            },
            counters);
        notifier.push({tree::Ino{1}, "first"});
        notifier.push({tree::Ino{1}, "queued"});
        inside.get_future().wait();
        notifier.stop();  // does not wait for the one that is stuck
        notifier.push({tree::Ino{1}, "late"});
        EXPECT_EQ(counters.notify_dropped.load(), 1U);
        leave.set_value();
    }
    EXPECT_EQ(sent.load(), 1);
}

}  // namespace
}  // namespace hubfs::fuse
