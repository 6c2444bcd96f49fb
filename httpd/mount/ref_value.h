// SPDX-License-Identifier: Apache-2.0
// The value of user.hub.ref.<name> ("commit=… checked=… how=… expires=…") and what its times mean
// for X-Cache. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fs/base/clock.h"
#include "httpd/http/cache_note.h"

namespace httpd::mount {

enum class How : std::uint8_t { fetched, revalidated, stale };
[[nodiscard]] std::optional<How> how_from(std::string_view text);

struct Freshness {
    std::optional<hubfs::Instant> checked;
    std::optional<hubfs::Instant> expires;
    How how = How::fetched;
};

struct RefValue {
    std::string commit;
    Freshness fresh;
};

// Nothing without a well-formed commit. Unknown words are ignored: the contract may grow.
[[nodiscard]] std::optional<RefValue> parse_ref_value(std::string_view text);

// HIT when it was here before the request began; else what upstream was asked for it. `stale`
// means that the renewal did not come in time: what is served is from the store.
[[nodiscard]] http::CacheResult cache_result(const Freshness& fresh, hubfs::Instant started);

// Both of them, and since when.
[[nodiscard]] http::CacheNote cache_note(http::CacheResult result, const Freshness& fresh,
                                         hubfs::Instant now, int fwd_status = 200);
// The parameters of Cache-Status for this result; ttl may be negative (RFC 9211 section 2.4).
// fwd_status: what upstream answered when it was asked.
[[nodiscard]] std::string cache_status(http::CacheResult result, const Freshness& fresh,
                                       hubfs::Instant now, int fwd_status = 200);

}  // namespace httpd::mount
