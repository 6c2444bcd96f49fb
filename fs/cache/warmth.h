// SPDX-License-Identifier: Apache-2.0
// How warm a content is: uses that fade by half every kHalfLifeTurns, kept as one moment of the
// cache's clock, the one at which a single use would be worth as much
// (docs/decisions/0005-eviction.md). So it needs no change while time goes by. Pure, except for the
// clock itself, which is thread-safe.
#pragma once

#include <cstdint>
#include <limits>

#include "fs/base/guarded.h"
#include "fs/meta/turns.h"

namespace hubfs::cache {

using meta::kTurn;
using meta::Turns;

// Of a content that was never used.
inline constexpr Turns kNeverUsed = std::numeric_limits<Turns>::min();

// The warmth after one use more, at `now`. used(kNeverUsed, now) is now.
[[nodiscard]] Turns used(Turns warmth, Turns now);
// What eviction compares, the lowest first: a miss costs kMissBytes besides the content itself, so
// a small content stays as if it had been used more often.
[[nodiscard]] Turns eviction_rank(Turns warmth, std::uint64_t held_bytes);

// The clock that goes by the bytes that were stored.
class TurnClock {
public:
    explicit TurnClock(std::uint64_t quota_bytes);
    void start(Turns at);
    void stored(std::uint64_t bytes);
    [[nodiscard]] Turns now() const;

private:
    struct At {
        Turns now = 0;
        std::uint64_t rest = 0;  // 2^-32 bytes that are less than the next step, below the quota
    };
    const std::uint64_t quota_bytes_;
    Guarded<At> at_;
};

}  // namespace hubfs::cache
