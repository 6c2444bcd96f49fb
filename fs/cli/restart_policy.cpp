// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/restart_policy.h"

#include <algorithm>

namespace hubfs::cli {

std::optional<std::chrono::milliseconds> restart_delay(std::span<const Steady> deaths) {
    if (deaths.empty()) {
        return std::chrono::milliseconds(0);
    }
    const Steady newest = deaths.back();
    const auto recent = std::ranges::count_if(
        deaths, [newest](Steady death) { return newest - death < kRestartWindow; });
    if (recent > kRestartsMax) {
        return std::nullopt;
    }
    return std::min(kRestartFirstDelay * (1L << (recent - 1)), kRestartLongestDelay);
}

}  // namespace hubfs::cli
