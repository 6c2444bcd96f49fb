// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/core.h"

#include "fs/base/log.h"

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

void Core::failed(const Error& error, std::string_view path) {
    stats.count_failure(error.code);
    switch (error.code) {
        case Code::rate_limited:
        case Code::unavailable:
        case Code::protocol:
        case Code::unreachable:
        case Code::timed_out: break;
        default: return;  // an answer, or our own doing
    }
    // The message begins with the host; its numbers (seconds, ports) make no other kind.
    std::string kind = error.message;
    std::erase_if(kind, [](char c) { return c >= '0' && c <= '9'; });
    if (log_limit_.due(kind, clock.steady())) {
        log::warn("upstream_failed", {{"host", hub.host},
                                      {"path", path},
                                      {"code", name_of(error.code)},
                                      {"reason", error.message}});
    }
}

}  // namespace hubfs::upstream
