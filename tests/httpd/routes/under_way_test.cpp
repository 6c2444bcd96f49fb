// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/under_way.h"

#include <gtest/gtest.h>

#include <optional>

namespace httpd::routes {
namespace {

TEST(UnderWay, AnAnswerIsCollapsedWhenAnotherWaitsForAllOfIt) {
    UnderWay under_way;
    auto first = under_way.join("\"a\"", {0, 100});
    EXPECT_FALSE(first.collapsed);
    EXPECT_TRUE(under_way.join("\"a\"", {0, 100}).collapsed);
    EXPECT_TRUE(under_way.join("\"a\"", {90, 100}).collapsed);
    EXPECT_FALSE(under_way.join("\"a\"", {90, 101}).collapsed);
    EXPECT_FALSE(under_way.join("\"b\"", {10, 20}).collapsed);
}

TEST(UnderWay, NobodyWaitsAnyMoreWhenTheTicketIsGone) {
    std::optional<UnderWay> under_way{std::in_place};
    auto first = under_way->join("\"a\"", {0, 100});
    auto second = under_way->join("\"a\"", {0, 100});
    first.ticket.reset();
    EXPECT_TRUE(under_way->join("\"a\"", {0, 100}).collapsed);
    second.ticket.reset();
    auto third = under_way->join("\"a\"", {0, 100});
    EXPECT_FALSE(third.collapsed);
    under_way.reset();  // the ticket may come last
    third.ticket.reset();
}

}  // namespace
}  // namespace httpd::routes
