// SPDX-License-Identifier: Apache-2.0
// A circuit breaker for one origin: after some failures in a row nobody waits for it any more;
// now and then one attempt finds out whether it is back. Pure: time is an argument. One thread.
#pragma once

#include "fs/base/clock.h"
#include "fs/base/result.h"

namespace hubfs::upstream {

struct BreakerPolicy {
    unsigned failures_max = 5;  // in a row: unreachable or timed out
    Duration first_pause{std::chrono::seconds(1)};
    Duration longest_pause{std::chrono::seconds(8)};
};

class Breaker {
public:
    explicit Breaker(const BreakerPolicy& policy) : policy_(policy) {}

    // Whether to ask now. While the origin is given up, true once per pause: that attempt's
    // outcome must be told; an attempt that ends without one only costs another pause.
    [[nodiscard]] bool allows(Steady now);
    void succeeded();
    void failed(Steady now, Code code);

    // Why it is given up: what the last failure was.
    [[nodiscard]] Code reason() const { return reason_; }
    [[nodiscard]] bool given_up() const { return failures_ >= policy_.failures_max; }

private:
    BreakerPolicy policy_;
    unsigned failures_ = 0;
    Duration pause_{0};  // of the current time without attempts
    Steady until_{};     // no attempt before
    bool probing_ = false;
    Code reason_ = Code::unreachable;
};

}  // namespace hubfs::upstream
