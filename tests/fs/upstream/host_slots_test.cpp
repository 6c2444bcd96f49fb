// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/host_slots.h"

#include <gtest/gtest.h>

#include <vector>

namespace hubfs::upstream {
namespace {

struct User : SlotUser {
    User(int number, std::vector<int>& order, bool wants = true)
        : number_(number), order_(order), wants_(wants) {}
    bool on_slot() override {
        if (wants_) {
            order_.push_back(number_);
        }
        return wants_;
    }
    int number_;
    std::vector<int>& order_;
    bool wants_;
};

TEST(Slots, are_handed_on_first_come_first_served) {
    HostSlots slots(2, 10);
    std::vector<int> order;
    std::vector<std::shared_ptr<User>> users;
    for (int i = 0; i < 5; ++i) {
        users.push_back(std::make_shared<User>(i, order));
        const auto want = i < 2 ? HostSlots::Outcome::granted : HostSlots::Outcome::queued;
        EXPECT_EQ(slots.acquire("a", users.back()), want);
    }
    EXPECT_EQ(slots.acquire("b", users.front()), HostSlots::Outcome::granted);
    EXPECT_EQ(slots.queued("a"), 3U);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(slots.used("a"), i < 4 ? 2U : 1U);
        slots.release("a");
    }
    EXPECT_EQ(order, (std::vector<int>{2, 3, 4}));
    EXPECT_EQ(slots.used("a"), 0U);
    EXPECT_EQ(slots.used("b"), 1U);
}

TEST(Slots, skip_those_that_are_gone_or_no_longer_want) {
    HostSlots slots(1, 10);
    std::vector<int> order;
    const auto first = std::make_shared<User>(1, order);
    const auto unwilling = std::make_shared<User>(3, order, false);
    const auto last = std::make_shared<User>(4, order);
    EXPECT_EQ(slots.acquire("a", first), HostSlots::Outcome::granted);
    EXPECT_EQ(slots.acquire("a", std::make_shared<User>(2, order)), HostSlots::Outcome::queued);
    EXPECT_EQ(slots.acquire("a", unwilling), HostSlots::Outcome::queued);
    EXPECT_EQ(slots.acquire("a", last), HostSlots::Outcome::queued);
    slots.release("a");
    EXPECT_EQ(order, std::vector<int>{4});
    EXPECT_EQ(slots.used("a"), 1U);
    slots.release("a");
    EXPECT_EQ(slots.used("a"), 0U);
}

TEST(Slots, the_queue_is_bounded) {
    HostSlots slots(1, 1);
    std::vector<int> order;
    const auto user = std::make_shared<User>(1, order);
    EXPECT_EQ(slots.acquire("a", user), HostSlots::Outcome::granted);
    EXPECT_EQ(slots.acquire("a", user), HostSlots::Outcome::queued);
    EXPECT_EQ(slots.acquire("a", user), HostSlots::Outcome::full);
}

}  // namespace
}  // namespace hubfs::upstream
