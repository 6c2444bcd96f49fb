// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/single_flight.h"

#include <gtest/gtest.h>

namespace hubfs::meta {
namespace {

Done<int> into(std::vector<int>& answers) {
    return [&answers](Result<int> answer) { answers.push_back(answer.value_or(-1)); };
}

TEST(SingleFlight, TheFirstAsksAndAllGetTheAnswer) {
    SingleFlight<int> flights(10, 10);
    std::vector<int> answers;
    for (int i = 0; i < 3; ++i) {
        auto done = into(answers);
        EXPECT_EQ(flights.join("a", done, {}).first, i == 0);
    }
    auto other = into(answers);
    EXPECT_TRUE(flights.join("b", other, {}).first);
    flights.end("a", 7);
    EXPECT_EQ(answers, (std::vector<int>{7, 7, 7}));
    EXPECT_EQ(flights.under_way(), 1U);
    auto again = into(answers);
    EXPECT_TRUE(flights.join("a", again, {}).first);
}

TEST(SingleFlight, WhoLeavesIsNotAnswered) {
    SingleFlight<int> flights(10, 10);
    std::vector<int> answers;
    auto one = into(answers);
    auto two = into(answers);
    const auto first = flights.join("a", one, {});
    (void)flights.join("a", two, {});
    ASSERT_TRUE(flights.leave("a", first.ticket));
    EXPECT_FALSE(flights.leave("a", first.ticket));
    flights.end("a", 1);
    EXPECT_EQ(answers, (std::vector<int>{1}));
    EXPECT_FALSE(flights.leave("a", 2));
}

TEST(SingleFlight, AQuestionNobodyWaitsForIsStillOneQuestion) {
    SingleFlight<int> flights(10, 10);
    Done<int> nobody;
    EXPECT_TRUE(flights.join("a", nobody, {}).first);
    std::vector<int> answers;
    auto done = into(answers);
    EXPECT_FALSE(flights.join("a", done, {}).first);
    flights.end("a", 5);
    EXPECT_EQ(answers, (std::vector<int>{5}));
}

TEST(SingleFlight, IsBounded) {
    SingleFlight<int> flights(1, 2);
    std::vector<int> answers;
    auto one = into(answers);
    auto two = into(answers);
    auto three = into(answers);
    EXPECT_FALSE(flights.join("a", one, {}).full);
    EXPECT_TRUE(flights.join("b", two, {}).full);
    EXPECT_TRUE(static_cast<bool>(two));  // untouched
    EXPECT_FALSE(flights.join("a", two, {}).full);
    EXPECT_TRUE(flights.join("a", three, {}).full);
}

TEST(SingleFlight, EndsAllWithTheSameError) {
    SingleFlight<int> flights(10, 10);
    std::vector<int> answers;
    for (const char* key : {"a", "b"}) {
        auto done = into(answers);
        (void)flights.join(key, done, {});
    }
    flights.end_all({Code::cancelled, "over"});
    EXPECT_EQ(answers, (std::vector<int>{-1, -1}));
    EXPECT_EQ(flights.under_way(), 0U);
}

TEST(SingleFlight, AWaiterMayAskAgainFromItsAnswer) {
    SingleFlight<int> flights(10, 10);
    bool first_again = false;
    Done<int> done = [&](Result<int>) {
        Done<int> nobody;
        first_again = flights.join("a", nobody, {}).first;
    };
    (void)flights.join("a", done, {});
    flights.end("a", 1);
    EXPECT_TRUE(first_again);
}

}  // namespace
}  // namespace hubfs::meta
