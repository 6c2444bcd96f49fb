// SPDX-License-Identifier: Apache-2.0
// A clock that tests move by hand. Thread-safe.
#pragma once

#include "fs/base/clock.h"
#include "fs/base/guarded.h"

namespace hubfs::test {

class TestClock : public Clock {
public:
    [[nodiscard]] Instant now() const override {
        return at_.with([](const Instant& at) { return at; });
    }
    [[nodiscard]] Steady steady() const override { return Steady(now().time_since_epoch()); }
    void advance(Duration by) {
        at_.with([&](Instant& at) { at += by; });
    }

private:
    // 2026-01-01, an arbitrary fixed day.
    Guarded<Instant> at_{Instant(std::chrono::seconds(1767225600))};
};

}  // namespace hubfs::test
