// SPDX-License-Identifier: Apache-2.0
// The counters of every layer as one JSON object of one line. The layers make their own parts;
// this puts them together. Thread-safe: sources may be asked from any thread.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "fs/base/clock.h"

namespace hubfs::app {

// A name and how its JSON value is made.
using StatsSource = std::pair<std::string, std::function<std::string()>>;

// {"version":…,"started":…,"uptime_seconds":…,"<name>":<value>,…}
[[nodiscard]] std::string stats_json(Instant started, Instant now,
                                     const std::vector<StatsSource>& sources);

}  // namespace hubfs::app
