// SPDX-License-Identifier: Apache-2.0
// How long what upstream said may be used (docs/caching.md). Pure: no clock, no store.
#pragma once

#include <chrono>

#include "fs/base/clock.h"
#include "fs/meta/catalog.h"

namespace hubfs::meta {

enum class Verdict : std::uint8_t {
    fresh,     // use it without asking
    usable,    // ask, but it may be used when the answer does not come in time
    must_ask,  // it is worth nothing without an answer
};

// lifetime: from `checked` on without asking. stale: from `checked` on at all, when that is longer.
struct Lifespan {
    std::chrono::milliseconds lifetime{0};
    std::chrono::milliseconds stale{0};
};

// A time in the future (the clock was set back) is asked again.
[[nodiscard]] Verdict judge(Instant now, Instant checked, Lifespan lifetime);
[[nodiscard]] Instant expires_at(Instant checked, Lifespan lifetime);
// What may be kept from one upstream answer by status: 4xx answers live for `absent` only.
[[nodiscard]] Lifespan document_lifetime(const CatalogConfig& config, int status);
// A repository that is gone is asked again as soon as an absent name.
[[nodiscard]] Lifespan repo_lifetime(const CatalogConfig& config, hub::RepoState state);
// A ref must not outlive what is known of its repository's state.
[[nodiscard]] Lifespan ref_lifetime(const CatalogConfig& config);

}  // namespace hubfs::meta
