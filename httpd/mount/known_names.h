// SPDX-License-Identifier: Apache-2.0
// Which names hubfs should be able to answer without waiting: a hint that chooses the pool (quick
// or cold), never an answer. A wrong hint costs a quick thread a wait, not correctness. Bounded:
// when full, half of it is forgotten. Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "fs/base/clock.h"
#include "fs/base/guarded.h"

namespace httpd::mount {

class KnownNames {
public:
    explicit KnownNames(std::size_t names_max) : names_max_(names_max) {}

    void remember(std::string name, hubfs::Instant until, hubfs::Instant now);
    [[nodiscard]] bool contains(const std::string& name, hubfs::Instant now) const;
    // And it was already when `started` was: who began before that has waited like the first one.
    [[nodiscard]] bool known_before(const std::string& name, hubfs::Instant started,
                                    hubfs::Instant now) const;

private:
    struct Known {
        hubfs::Instant since{};
        hubfs::Instant until{};
    };
    const std::size_t names_max_;
    hubfs::Guarded<std::unordered_map<std::string, Known>> names_;
};

}  // namespace httpd::mount
