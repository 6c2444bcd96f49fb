// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/warmth.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fs/cache/limits.h"

namespace hubfs::cache {
namespace {

constexpr Turns kLast = std::numeric_limits<Turns>::max();

Turns turns(double n) {
    return std::llround(n * static_cast<double>(kTurn));
}

// The values of tests/sim/policies.py, Warmth.used(), with a half life of 4.
TEST(Used, AddsOneUseToWhatTheOthersHaveFadedTo) {
    struct Case {
        double warmth, now, want;
    };
    for (const Case& c : {Case{0, 0, 4}, Case{3000, 3000, 3004}, Case{10, 6, 12.3398500028846},
                          Case{6, 10, 12.3398500028846}, Case{3008, 3000, 3009.28771237954},
                          Case{2999.5, 3000, 3003.7554135193445}, Case{-20, 20, 20.0056327775712},
                          Case{-1000, 3000, 3000}, Case{5000, 3000, 5000}}) {
        const Turns got = used(turns(c.warmth), turns(c.now));
        EXPECT_NEAR(static_cast<double>(got) / static_cast<double>(kTurn), c.want, 1e-6)
            << c.warmth << " at " << c.now;
    }
}

TEST(Used, TheFirstUseIsTheMomentItself) {
    for (const Turns now : {Turns{0}, Turns{1}, turns(2970.25), kLast / 2}) {
        EXPECT_EQ(used(kNeverUsed, now), now);
    }
}

TEST(Used, ManyUsesAtOneMomentAreWorthTheirNumber) {
    Turns warmth = kNeverUsed;
    for (int use = 1; use <= 64; ++use) {
        const Turns before = warmth;
        warmth = used(warmth, turns(100));
        EXPECT_GT(warmth, before);
        EXPECT_NEAR(static_cast<double>(warmth) / static_cast<double>(kTurn),
                    100 + kHalfLifeTurns * std::log2(use), 1e-6)
            << use;
    }
}

TEST(Used, NeverMakesColderAndStaysWithinTime) {
    for (const Turns warmth : {kNeverUsed, Turns{-1}, turns(3000), kLast - 1, kLast}) {
        for (const Turns now : {Turns{0}, turns(3000), kLast - 1, kLast}) {
            EXPECT_GE(used(warmth, now), warmth);
            EXPECT_GE(used(warmth, now), now);
        }
    }
}

TEST(EvictionRank, IsHigherTheSmallerTheContent) {
    struct Case {
        std::uint64_t held;
        double bonus;
    };
    for (const Case& c : {Case{1ULL << 40, 0.00008805}, Case{1ULL << 30, 0.0894715},
                          Case{16 * kMiB, 4}, Case{1 * kMiB, 16.3498514},
                          Case{64 * kKiB, 32.0224982}, Case{1, 96.0000003}, Case{0, 96.0000003}}) {
        const Turns got = eviction_rank(turns(3000), c.held) - turns(3000);
        EXPECT_NEAR(static_cast<double>(got) / static_cast<double>(kTurn), c.bonus, 1e-4) << c.held;
    }
}

TEST(EvictionRank, KeepsTheOrderOfWarmthAmongEquals) {
    EXPECT_LT(eviction_rank(5, 1000), eviction_rank(6, 1000));
    EXPECT_LT(eviction_rank(kNeverUsed, 1), eviction_rank(0, 1ULL << 40));
    EXPECT_EQ(eviction_rank(kLast, 1), kLast);
}

TEST(TurnClock, ATurnIsTheQuotasWorthOfBytesHoweverTheyCome) {
    for (const std::uint64_t quota : {1ULL, 3ULL, 1000003ULL, 100ULL << 30, 1ULL << 50}) {
        TurnClock one(quota);
        one.start(turns(2970));
        EXPECT_EQ(one.now(), turns(2970));
        one.stored(quota);
        EXPECT_EQ(one.now(), turns(2971)) << quota;
        // In uneven parts: nothing is lost between them.
        TurnClock parts(quota);
        for (std::uint64_t left = quota; left > 0;) {
            const std::uint64_t part = std::min(left, std::max<std::uint64_t>(quota / 7, 1));
            parts.stored(part);
            left -= part;
        }
        EXPECT_EQ(parts.now(), kTurn) << quota;
    }
}

TEST(TurnClock, CountsLessThanItsUnitAsWell) {
    TurnClock clock(1ULL << 42);  // 1024 bytes are one step
    for (int i = 0; i < 1023; ++i) {
        clock.stored(1);
    }
    EXPECT_EQ(clock.now(), 0);
    clock.stored(1);
    EXPECT_EQ(clock.now(), 1);
}

TEST(TurnClock, StaysAtTheEndOfTimeAndKnowsNoQuotaOfZero) {
    TurnClock clock(0);
    clock.start(kLast - 5);
    clock.stored(UINT64_MAX);
    EXPECT_EQ(clock.now(), kLast);
    clock.stored(UINT64_MAX);
    EXPECT_EQ(clock.now(), kLast);
    TurnClock endless(UINT64_MAX);
    endless.stored(UINT64_MAX);
    EXPECT_GE(endless.now(), kTurn);
}

}  // namespace
}  // namespace hubfs::cache
