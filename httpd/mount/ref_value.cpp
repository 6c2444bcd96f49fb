// SPDX-License-Identifier: Apache-2.0
#include "httpd/mount/ref_value.h"

#include "httpd/mount/safe_path.h"

namespace httpd::mount {

std::optional<How> how_from(std::string_view text) {
    if (text == "fetched") {
        return How::fetched;
    }
    if (text == "revalidated") {
        return How::revalidated;
    }
    if (text == "stale") {
        return How::stale;
    }
    return std::nullopt;
}

std::optional<RefValue> parse_ref_value(std::string_view text) {
    RefValue value;
    while (!text.empty()) {
        const auto space = text.find(' ');
        const std::string_view word = text.substr(0, space);
        text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
        const auto equals = word.find('=');
        if (equals == std::string_view::npos) {
            continue;
        }
        const std::string_view name = word.substr(0, equals);
        const std::string_view content = word.substr(equals + 1);
        if (name == "commit") {
            value.commit = content;
        } else if (name == "checked") {
            value.fresh.checked = hubfs::instant_from(content);
        } else if (name == "expires") {
            value.fresh.expires = hubfs::instant_from(content);
        } else if (name == "how") {
            value.fresh.how = how_from(content).value_or(How::fetched);
        }
    }
    return is_commit(value.commit) ? std::optional(std::move(value)) : std::nullopt;
}

http::CacheResult cache_result(const Freshness& fresh, hubfs::Instant started) {
    if (!fresh.checked || *fresh.checked < started || fresh.how == How::stale) {
        return http::CacheResult::hit;
    }
    return fresh.how == How::revalidated ? http::CacheResult::revalidated : http::CacheResult::miss;
}

http::CacheNote cache_note(http::CacheResult result, const Freshness& fresh, hubfs::Instant now,
                           int fwd_status) {
    return http::CacheNote{.result = result,
                           .status = cache_status(result, fresh, now, fwd_status),
                           // What has no time of its own (a commit) is true at any time.
                           .since = fresh.checked.value_or(now)};
}

std::string cache_status(http::CacheResult result, const Freshness& fresh, hubfs::Instant now,
                         int fwd_status) {
    switch (result) {
        case http::CacheResult::revalidated: return "fwd=stale; fwd-status=304";
        case http::CacheResult::miss:
            return "fwd=uri-miss; fwd-status=" + std::to_string(fwd_status) + "; stored";
        case http::CacheResult::hit: break;
    }
    if (!fresh.expires) {
        return "hit";
    }
    const auto ttl = std::chrono::duration_cast<std::chrono::seconds>(*fresh.expires - now);
    return "hit; ttl=" + std::to_string(ttl.count());
}

}  // namespace httpd::mount
