// SPDX-License-Identifier: Apache-2.0
// Time as an argument. `Instant` is wall-clock time (what is stored and shown: checked, expires);
// deadlines use the steady clock. Tests move theirs by hand (tests/support/test_clock.h).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace hubfs {

using Instant = std::chrono::sys_time<std::chrono::microseconds>;
using Steady = std::chrono::steady_clock::time_point;
using Duration = std::chrono::microseconds;

class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() const;
    [[nodiscard]] virtual Steady steady() const;
};

// 2026-11-21T15:04:05.123456Z: the form of every time in attributes and JSON.
[[nodiscard]] std::string to_text(Instant at);
// Reads to_text's form and the Hub's (2026-10-06T13:24:38.000Z); nothing else.
[[nodiscard]] std::optional<Instant> instant_from(std::string_view text);

}  // namespace hubfs
