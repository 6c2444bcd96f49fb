// SPDX-License-Identifier: Apache-2.0
// Conditional requests (RFC 9110 section 13): entity tags, and in which order the conditions are
// looked at (13.2.2). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "fs/base/clock.h"
#include "httpd/http/headers.h"

namespace httpd::http {

struct EntityTag {
    bool weak = false;
    std::string_view opaque;  // without quotes; points into the parsed text

    friend bool operator==(const EntityTag&, const EntityTag&) = default;
};

[[nodiscard]] std::optional<EntityTag> parse_etag(std::string_view text);
// Section 8.8.3.2: strong comparison needs two strong tags, weak comparison ignores weakness.
[[nodiscard]] bool strong_match(const EntityTag& a, const EntityTag& b);
[[nodiscard]] bool weak_match(const EntityTag& a, const EntityTag& b);

// If-Match or If-None-Match: "*" or a list. Nothing when the list is malformed. A bare word
// without quotes is taken for a strong tag, because clients send those.
struct TagList {
    bool any = false;
    std::vector<EntityTag> tags;
};
[[nodiscard]] std::optional<TagList> parse_tag_list(std::string_view value);

// What is known about the selected representation.
struct Validators {
    std::string_view etag;  // as it is sent, quotes included; empty: none
    std::optional<hubfs::Instant> modified{};
};

enum class Verdict : std::uint8_t {
    proceed,              // answer as if there was no condition
    not_modified,         // 304 (GET and HEAD)
    precondition_failed,  // 412
};

// `safe`: the method is GET or HEAD. A malformed list never matches.
[[nodiscard]] Verdict evaluate(const Headers& request, const Validators& current, bool safe,
                               hubfs::Instant now);

// Whether Range is to be honoured (section 13.1.5): there is no If-Range, or it matches strongly.
[[nodiscard]] bool range_allowed(const Headers& request, const Validators& current,
                                 hubfs::Instant now);

}  // namespace httpd::http
