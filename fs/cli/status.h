// SPDX-License-Identifier: Apache-2.0
// `hf-mirror status`: the counters of the running hubfs, as it says them or as a table. The table
// shows whatever counters there are, so a new one needs no change here.
#pragma once

#include <string>
#include <string_view>

#include "fs/base/options.h"
#include "fs/base/result.h"

namespace hubfs::cli {

// One "layer.counter  value" a line; bytes in readable units. Code::invalid for what is no JSON
// object.
[[nodiscard]] Result<std::string> status_table(std::string_view json);

// The most important counters in one line, those that are there.
[[nodiscard]] Result<std::string> status_line(std::string_view json);

// Asks and prints; returns the exit code.
int run_status(const Options& options, bool json, bool line);

}  // namespace hubfs::cli
