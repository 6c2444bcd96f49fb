// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/budget.h"

#include <algorithm>

#include "fs/upstream/limits.h"

namespace hubfs::upstream {

void Budget::learn(QuotaKind kind, const ResponseHead& head, Steady now) {
    const auto limit = parse_rate_limit(head.joined("ratelimit"));
    const auto retry_after = parse_retry_after(head.single("retry-after").value_or(""));
    std::optional<std::chrono::seconds> pause;
    if (head.status == 429) {
        pause = retry_after ? *retry_after : limit ? limit->reset : kBudgetDefaultPause;
    } else if (limit && limit->remaining == 0) {
        pause = limit->reset;
    }
    if (pause) {
        until_[static_cast<std::size_t>(kind)] = now + std::min(*pause, kBudgetPauseMax);
    }
}

std::optional<std::chrono::seconds> Budget::spent_for(QuotaKind kind, Steady now) const {
    const Steady until = until_[static_cast<std::size_t>(kind)];
    if (until <= now) {
        return std::nullopt;
    }
    return std::chrono::ceil<std::chrono::seconds>(until - now);
}

}  // namespace hubfs::upstream
