// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/eviction.h"

#include <gtest/gtest.h>

#include <vector>

namespace hubfs::cache {
namespace {

EvictionCandidate ranked(int rank, std::uint64_t bytes) {
    EvictionCandidate candidate;
    candidate.hash.bytes[0] = static_cast<std::uint8_t>(rank);
    candidate.bytes = bytes;
    candidate.rank = rank;
    return candidate;
}

std::vector<int> ranks_of(const std::vector<EvictionCandidate>& chosen) {
    std::vector<int> ranks;
    for (const EvictionCandidate& candidate : chosen) {
        ranks.push_back(candidate.hash.bytes[0]);
    }
    return ranks;
}

TEST(BytesToFree, IsNothingUpToTheLimitAndReachesTheLowMarkAboveIt) {
    EXPECT_EQ(bytes_to_free(0, 1000, 95), 0U);
    EXPECT_EQ(bytes_to_free(1000, 1000, 95), 0U);
    EXPECT_EQ(bytes_to_free(1001, 1000, 95), 51U);
    EXPECT_EQ(bytes_to_free(5000, 1000, 95), 4050U);
    EXPECT_EQ(bytes_to_free(5, 0, 95), 5U);
    EXPECT_EQ(bytes_to_free(UINT64_MAX, UINT64_MAX - 1, 95) > UINT64_MAX / 25, true);
}

TEST(EvictionChooser, TakesTheColdestUntilThereIsEnough) {
    struct Case {
        std::uint64_t need;
        std::vector<int> chosen;
    };
    for (const Case& c : {Case{0, {}}, Case{1, {1}}, Case{10, {1}}, Case{11, {1, 2}},
                          Case{30, {1, 2, 3}}, Case{1000, {1, 2, 3, 4, 5}}}) {
        EvictionChooser chooser(c.need);
        for (const int rank : {4, 1, 5, 2, 3}) {
            chooser.offer(ranked(rank, 10));
        }
        EXPECT_EQ(ranks_of(chooser.take()), c.chosen) << c.need;
    }
}

TEST(EvictionChooser, PassesOverWhatFreesNothing) {
    EvictionChooser chooser(10);
    chooser.offer(ranked(1, 0));
    chooser.offer(ranked(2, 10));
    EXPECT_EQ(ranks_of(chooser.take()), std::vector<int>{2});
}

TEST(EvictionChooser, LetsAWarmerOneStayWhenColderOnesSuffice) {
    EvictionChooser chooser(20);
    chooser.offer(ranked(9, 100));
    chooser.offer(ranked(1, 15));
    chooser.offer(ranked(2, 15));
    EXPECT_EQ(ranks_of(chooser.take()), (std::vector<int>{1, 2}));
}

TEST(EvictionChooser, AmongEqualsTheHashDecides) {
    EvictionChooser chooser(20);
    for (const int name : {4, 2, 3, 1}) {
        EvictionCandidate candidate = ranked(name, 10);
        candidate.rank = -1;
        chooser.offer(candidate);
    }
    EXPECT_EQ(ranks_of(chooser.take()), (std::vector<int>{1, 2}));
}

}  // namespace
}  // namespace hubfs::cache
