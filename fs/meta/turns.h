// SPDX-License-Identifier: Apache-2.0
// The time by which eviction goes: a turn is as many bytes stored in the cache as its quota has
// (docs/decisions/0005-eviction.md). Where nothing was counted yet a week stands for a turn, so
// that records from before it, and files found on the disk, keep their order. Pure.
#pragma once

#include <chrono>
#include <cstdint>

#include "fs/base/clock.h"

namespace hubfs::meta {

using Turns = std::int64_t;  // unit: 2^-32 turns
inline constexpr Turns kTurn = Turns{1} << 32;

[[nodiscard]] constexpr Turns weeks_since_1970(Instant at) {
    // A week's microseconds are fewer than 2^40: shifted in two steps the rest does not overflow.
    constexpr std::int64_t kWeek = Duration(std::chrono::weeks(1)).count();
    const std::int64_t us = at.time_since_epoch().count();
    return us / kWeek * kTurn + ((us % kWeek * (1 << 20)) / kWeek) * (1 << 12);
}

}  // namespace hubfs::meta
