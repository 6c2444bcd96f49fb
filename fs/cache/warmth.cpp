// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/warmth.h"

#include <algorithm>
#include <cmath>

#include "fs/cache/limits.h"

namespace hubfs::cache {

namespace {

constexpr double kHalfLife = kHalfLifeTurns * static_cast<double>(kTurn);
constexpr Turns kLast = std::numeric_limits<Turns>::max();

// `more` is not negative. Stays at the end of time.
Turns later(Turns at, double more) {
    const Turns step = std::llround(more);
    return at > kLast - step ? kLast : at + step;
}

}  // namespace

// now + H log2(1 + 2^((w - now) / H)), written so that neither term is large: the later of the two
// moments and a part of one half life.
Turns used(Turns warmth, Turns now) {
    const double apart = std::abs(static_cast<double>(warmth) - static_cast<double>(now));
    return later(std::max(warmth, now), kHalfLife * std::log2(1 + std::exp2(-apart / kHalfLife)));
}

Turns eviction_rank(Turns warmth, std::uint64_t held_bytes) {
    const auto held = static_cast<double>(std::max<std::uint64_t>(held_bytes, 1));
    return later(warmth, kHalfLife * std::log2(1 + static_cast<double>(kMissBytes) / held));
}

// The bounds keep twice the quota within 64 bits.
TurnClock::TurnClock(std::uint64_t quota_bytes)
    : quota_bytes_(std::clamp<std::uint64_t>(quota_bytes, 1, 1ULL << 62)) {}

void TurnClock::start(Turns at) {
    at_.with([at](At& clock) { clock = {at, 0}; });
}

void TurnClock::stored(std::uint64_t bytes) {
    // bytes * 2^32 / quota by long division, one binary digit at a time.
    std::uint64_t whole = std::min<std::uint64_t>(bytes / quota_bytes_, 1ULL << 30);
    std::uint64_t rest = bytes % quota_bytes_;
    for (int digit = 0; digit < 32; ++digit) {
        rest *= 2;
        whole = whole * 2 + (rest >= quota_bytes_ ? 1 : 0);
        rest -= rest >= quota_bytes_ ? quota_bytes_ : 0;
    }
    at_.with([&](At& clock) {
        clock.rest += rest;
        const bool carry = clock.rest >= quota_bytes_;
        clock.rest -= carry ? quota_bytes_ : 0;
        const auto step = static_cast<Turns>(whole) + (carry ? 1 : 0);
        clock.now = clock.now > kLast - step ? kLast : clock.now + step;
    });
}

Turns TurnClock::now() const {
    return at_.with([](const At& clock) { return clock.now; });
}

}  // namespace hubfs::cache
