// SPDX-License-Identifier: Apache-2.0
// `hf-mirror reload`: has the running hubfs replaced by the program that is installed now, on the
// same mount (docs/threading.md, "A death of the daemon"). Nobody who reads notices.
#pragma once

#include "fs/base/options.h"

namespace hubfs::cli {

// Asks and waits until another daemon serves; returns the exit code.
int run_reload(const Options& options);

}  // namespace hubfs::cli
