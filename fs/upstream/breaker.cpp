// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/breaker.h"

#include <algorithm>

namespace hubfs::upstream {

bool Breaker::allows(Steady now) {
    if (!given_up()) {
        return true;
    }
    if (now < until_) {
        return false;
    }
    probing_ = true;
    until_ = now + pause_;
    return true;
}

void Breaker::succeeded() {
    failures_ = 0;
    pause_ = Duration{0};
    probing_ = false;
}

void Breaker::failed(Steady now, Code code) {
    reason_ = code;
    if (!given_up()) {
        if (++failures_ >= policy_.failures_max) {
            pause_ = policy_.first_pause;
            until_ = now + pause_;
        }
    } else if (probing_) {
        // Only the probe's failure makes the pause longer; those that were under way do not.
        pause_ = std::min(pause_ * 2, policy_.longest_pause);
        until_ = now + pause_;
    }
    probing_ = false;
}

}  // namespace hubfs::upstream
