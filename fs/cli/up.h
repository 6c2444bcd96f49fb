// SPDX-License-Identifier: Apache-2.0
// `hf-mirror up`: all programs of a node in the foreground, from the configuration.
#pragma once

#include "fs/base/options.h"

namespace hubfs::cli {

// `source` is handed on to the programs, which read the same configuration. Returns the exit code.
int run_up(const Options& options, const ConfigSource& source);

}  // namespace hubfs::cli
