// SPDX-License-Identifier: Apache-2.0
// The quota the Hub gives us, as far as it has told: when it is spent, nothing is asked until the
// time it named, so that we never hammer a server that said no. Pure: time is an argument.
#pragma once

#include <array>
#include <chrono>
#include <optional>

#include "fs/base/clock.h"
#include "fs/upstream/headers.h"

namespace hubfs::upstream {

// The Hub counts them apart (hub-api: "api" and "resolvers").
enum class QuotaKind : std::uint8_t { api, resolve };

class Budget {
public:
    // From every answer of the Hub itself. Retry-After wins over RateLimit's t.
    void learn(QuotaKind kind, const ResponseHead& head, Steady now);
    // How long from now nothing of this kind may be asked; nothing when it may.
    [[nodiscard]] std::optional<std::chrono::seconds> spent_for(QuotaKind kind, Steady now) const;

private:
    std::array<Steady, 2> until_{};
};

}  // namespace hubfs::upstream
