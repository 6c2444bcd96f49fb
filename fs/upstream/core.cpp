// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/core.h"

namespace hubfs::upstream {

Breaker& Core::breaker_of(const Url& url) {
    if (breakers_.size() >= kBreakersMax && !breakers_.contains(url.origin())) {
        breakers_.clear();  // only costs what was learnt of hosts that are down
    }
    return breakers_.try_emplace(url.origin(), config.breaker).first->second;
}

Status Core::admit(const Url& url, QuotaKind quota) {
    const Steady now = clock.steady();
    if (on_hub(url)) {
        if (const auto pause = budget.spent_for(quota, now)) {
            ++stats.refused;
            return fail(Code::rate_limited, url.host + ": our quota is spent for " +
                                                std::to_string(pause->count()) + " s");
        }
    }
    Breaker& breaker = breaker_of(url);
    if (!breaker.allows(now)) {
        ++stats.refused;
        return fail(breaker.reason(), url.host + ": failed before, not asked again yet");
    }
    return {};
}

void Core::record(const Url& url, const Status& outcome) {
    Breaker& breaker = breaker_of(url);
    if (!outcome &&
        (outcome.error().code == Code::unreachable || outcome.error().code == Code::timed_out)) {
        breaker.failed(clock.steady(), outcome.error().code);
    } else if (outcome) {
        breaker.succeeded();
    }
}

}  // namespace hubfs::upstream
