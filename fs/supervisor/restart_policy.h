// SPDX-License-Identifier: Apache-2.0
// Whether a daemon that died is started again. One that served for a while, or that somebody killed
// (kill -9, memory ran out), costs its readers a pause and nothing else. One that dies by itself as
// soon as it runs, or as soon as it was sent the waiting requests again, would never stop dying.
// Pure; time is an argument. Not thread-safe.
#pragma once

#include <deque>
#include <optional>

#include "fs/base/clock.h"
#include "fs/supervisor/limits.h"

namespace hubfs::supervisor {

class RestartPolicy {
public:
    // Records a death; `ready` is when that daemon began to read requests, nothing when it never
    // did; `killed`: by SIGKILL, which no program sends to itself. False: do not start another one.
    [[nodiscard]] bool died(Steady at, std::optional<Steady> ready, bool killed) {
        const bool served = ready && (killed || at - *ready >= kServedMin);
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
