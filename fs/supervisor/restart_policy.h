// SPDX-License-Identifier: Apache-2.0
// Whether a daemon that died is started again. Pure; time is an argument.
#pragma once

#include <deque>

#include "fs/base/clock.h"
#include "fs/supervisor/limits.h"

namespace hubfs::supervisor {

class RestartPolicy {
public:
    // Records a death. False: that was one too many within the window.
    [[nodiscard]] bool died(Steady at) {
        deaths_.push_back(at);
        while (at - deaths_.front() > kDeathsWindow) {
            deaths_.pop_front();
        }
        return deaths_.size() < kDeathsMax;
    }

private:
    std::deque<Steady> deaths_;  // at most kDeathsMax
};

}  // namespace hubfs::supervisor
