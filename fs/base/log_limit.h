// SPDX-License-Identifier: Apache-2.0
// Keeps a failure that repeats from filling the log: of each kind one line a minute. Knows nothing
// of what the line says. Thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include "fs/base/clock.h"
#include "fs/base/guarded.h"

namespace hubfs {

class LogLimit {
public:
    static constexpr std::chrono::minutes kPeriod{1};
    static constexpr std::size_t kKindsMax = 256;

    // Whether a line of this kind is due now; a yes counts as the line.
    [[nodiscard]] bool due(const std::string& kind, Steady now) {
        return last_.with([&](auto& last) {
            if (last.size() >= kKindsMax && !last.contains(kind)) {
                last.clear();  // costs repeated lines
            }
            const auto [entry, first] = last.try_emplace(kind, now);
            if (!first && now - entry->second < kPeriod) {
                return false;
            }
            entry->second = now;
            return true;
        });
    }

private:
    Guarded<std::map<std::string, Steady>> last_;  // when the last line of a kind was
};

}  // namespace hubfs
