// SPDX-License-Identifier: Apache-2.0
// When a program that died is started again. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <span>

#include "fs/base/clock.h"

namespace hubfs::cli {

inline constexpr int kRestartsMax = 5;  // within the window; after that it is given up
inline constexpr std::chrono::seconds kRestartWindow{60};
inline constexpr std::chrono::milliseconds kRestartFirstDelay{100};
inline constexpr std::chrono::milliseconds kRestartLongestDelay{5000};

// `deaths` in order, the newest last and counted. The delay doubles with each death of the window;
// nothing: do not start it again.
[[nodiscard]] std::optional<std::chrono::milliseconds> restart_delay(
    std::span<const Steady> deaths);

}  // namespace hubfs::cli
