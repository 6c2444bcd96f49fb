// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/retry.h"

#include <algorithm>

namespace hubfs::upstream {

bool worth_retrying(Code code) {
    return code == Code::unreachable || code == Code::unavailable || code == Code::timed_out;
}

Duration retry_delay(const RetryPolicy& policy, unsigned failures, double jitter) {
    Duration delay = policy.first;
    for (unsigned i = 1; i < failures && delay < policy.longest; ++i) {
        delay *= 2;
    }
    delay = std::min(delay, policy.longest);
    const double part = 0.5 + std::clamp(jitter, 0.0, 1.0) / 2;
    return Duration(static_cast<Duration::rep>(static_cast<double>(delay.count()) * part));
}

}  // namespace hubfs::upstream
