// SPDX-License-Identifier: Apache-2.0
// Whether and when to try again: pure functions, the random number is an argument.
#pragma once

#include <chrono>

#include "fs/base/clock.h"
#include "fs/base/result.h"

namespace hubfs::upstream {

struct RetryPolicy {
    unsigned failures_max = 4;   // in a row without a new byte; then the last one is the answer
    unsigned attempts_max = 64;  // of one transfer, however often it got on a little
    Duration first{std::chrono::milliseconds(200)};
    Duration longest{std::chrono::seconds(3)};
};

// What another attempt may mend: no connection, a cut one, a 5xx. Not an answer that breaks the
// rules, and not a quota that is spent.
[[nodiscard]] bool worth_retrying(Code code);

// How long to wait after the n-th failure in a row (n >= 1): doubling, bounded, and of that a part
// between one half and all by `jitter` in [0, 1), so that many do not come back at once.
[[nodiscard]] Duration retry_delay(const RetryPolicy& policy, unsigned failures, double jitter);

}  // namespace hubfs::upstream
