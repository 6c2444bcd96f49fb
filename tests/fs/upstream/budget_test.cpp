// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/budget.h"

#include <gtest/gtest.h>

#include "fs/upstream/limits.h"

namespace hubfs::upstream {
namespace {

using std::chrono::seconds;

constexpr Steady kBegan{seconds(1000)};

TEST(UpstreamBudget, a_429_stops_asking_for_the_time_it_names) {
    const struct {
        ResponseHead head;
        std::optional<seconds> want;
    } rows[] = {
        {{429, {{"retry-after", "7"}}}, seconds(7)},
        {{429, {{"ratelimit", R"("api";r=0;t=55)"}}}, seconds(55)},
        {{429, {{"ratelimit", R"("api";r=0;t=55)"}, {"retry-after", "7"}}}, seconds(7)},
        {{429, {}}, kBudgetDefaultPause},
        {{429, {{"retry-after", "86400"}}}, kBudgetPauseMax},
        {{429, {{"retry-after", "0"}}}, std::nullopt},
        {{200, {{"ratelimit", R"("api";r=0;t=30)"}}}, seconds(30)},
        {{200, {{"ratelimit", R"("api";r=1;t=30)"}}}, std::nullopt},
        {{200, {{"retry-after", "30"}}}, std::nullopt},
        {{503, {{"retry-after", "30"}}}, std::nullopt},
        {{200, {}}, std::nullopt},
    };
    for (const auto& row : rows) {
        Budget budget;
        budget.learn(QuotaKind::api, row.head, kBegan);
        EXPECT_EQ(budget.spent_for(QuotaKind::api, kBegan), row.want) << row.head.status;
    }
}

TEST(UpstreamBudget, the_two_quotas_are_apart_and_come_back) {
    Budget budget;
    budget.learn(QuotaKind::resolve, {429, {{"retry-after", "5"}}}, kBegan);
    EXPECT_FALSE(budget.spent_for(QuotaKind::api, kBegan));
    EXPECT_EQ(budget.spent_for(QuotaKind::resolve, kBegan + seconds(5) - Duration(1)), seconds(1));
    EXPECT_FALSE(budget.spent_for(QuotaKind::resolve, kBegan + seconds(5)));
}

}  // namespace
}  // namespace hubfs::upstream
