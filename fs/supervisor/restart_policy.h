// SPDX-License-Identifier: Apache-2.0
// Whether a daemon that died is started again. A daemon that served for a while before it died,
// such as one that somebody kills again and again, costs its readers a pause and nothing else; one
// that dies as soon as it runs, or as soon as it was sent the waiting requests again, would never
// end. Pure; time is an argument. Not thread-safe.
#pragma once

#include <deque>
#include <optional>

#include "fs/base/clock.h"
#include "fs/supervisor/limits.h"

namespace hubfs::supervisor {

class RestartPolicy {
public:
    // Records a death; `ready` is when that daemon began to read requests, nothing when it never
    // did. False: do not start another one.
    [[nodiscard]] bool died(Steady at, std::optional<Steady> ready) {
        const bool served = ready && at - *ready >= kServedMin;
        short_lives_ = served ? 0 : short_lives_ + 1;
        deaths_.push_back(at);
        while (at - deaths_.front() > kDeathsWindow) {
            deaths_.pop_front();
        }
        return short_lives_ < kShortLivesMax && deaths_.size() < kDeathsMax;
    }

private:
    std::size_t short_lives_ = 0;  // in a row
    std::deque<Steady> deaths_;    // at most kDeathsMax
};

}  // namespace hubfs::supervisor
