// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/conditional.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "httpd/http/date.h"

namespace httpd::http {

namespace {

// Dates have a resolution of one second.
auto seconds(hubfs::Instant at) {
    return std::chrono::floor<std::chrono::seconds>(at);
}

bool etag_char(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0x21 || (byte >= 0x23 && byte != 0x7f);
}

// Takes one tag off the front of `rest`.
std::optional<EntityTag> take_tag(std::string_view& rest) {
    EntityTag tag;
    if (rest.starts_with("W/")) {
        tag.weak = true;
        rest.remove_prefix(2);
    }
    if (rest.starts_with('"')) {
        const auto end = rest.find('"', 1);
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        tag.opaque = rest.substr(1, end - 1);
        rest.remove_prefix(end + 1);
    } else {
        const auto end = std::min(rest.find_first_of(", \t"), rest.size());
        tag.opaque = rest.substr(0, end);
        rest.remove_prefix(end);
        if (tag.opaque.empty()) {
            return std::nullopt;
        }
    }
    if (!std::ranges::all_of(tag.opaque, etag_char)) {
        return std::nullopt;
    }
    return tag;
}

bool listed(const std::string& value, const Validators& current, bool strong) {
    const auto list = parse_tag_list(value);
    if (!list) {
        return false;
    }
    if (list->any) {
        return true;  // "*": there is a representation
    }
    const auto mine = parse_etag(current.etag);
    return mine && std::ranges::any_of(list->tags, [&](const EntityTag& tag) {
               return strong ? strong_match(tag, *mine) : weak_match(tag, *mine);
           });
}

}  // namespace

std::optional<EntityTag> parse_etag(std::string_view text) {
    std::string_view rest = trim(text);
    auto tag = take_tag(rest);
    return rest.empty() ? tag : std::nullopt;
}

bool strong_match(const EntityTag& a, const EntityTag& b) {
    return !a.weak && !b.weak && a.opaque == b.opaque;
}

bool weak_match(const EntityTag& a, const EntityTag& b) {
    return a.opaque == b.opaque;
}

std::optional<TagList> parse_tag_list(std::string_view value) {
    TagList list;
    std::string_view rest = trim(value);
    if (rest == "*") {
        list.any = true;
        return list;
    }
    while (true) {
        const auto start = rest.find_first_not_of(", \t");
        if (start == std::string_view::npos) {
            break;
        }
        rest.remove_prefix(start);
        const auto tag = take_tag(rest);
        if (!tag) {
            return std::nullopt;
        }
        list.tags.push_back(*tag);
        rest = rest.substr(std::min(rest.find_first_not_of(" \t"), rest.size()));
        if (!rest.empty() && rest.front() != ',') {
            return std::nullopt;
        }
    }
    return list.tags.empty() ? std::nullopt : std::optional(std::move(list));
}

Verdict evaluate(const Headers& request, const Validators& current, bool safe, hubfs::Instant now) {
    if (request.has("If-Match")) {
        if (!listed(request.joined("If-Match"), current, true)) {
            return Verdict::precondition_failed;
        }
    } else if (const auto* const value = request.find("If-Unmodified-Since")) {
        const auto since = parse_http_date(*value, now);
        if (since && current.modified && seconds(*current.modified) > seconds(*since)) {
            return Verdict::precondition_failed;
        }
    }
    if (request.has("If-None-Match")) {
        if (listed(request.joined("If-None-Match"), current, false)) {
            return safe ? Verdict::not_modified : Verdict::precondition_failed;
        }
        return Verdict::proceed;  // If-Modified-Since is then ignored
    }
    if (const auto* const value = request.find("If-Modified-Since"); value != nullptr && safe) {
        const auto since = parse_http_date(*value, now);
        if (since && current.modified && seconds(*current.modified) <= seconds(*since)) {
            return Verdict::not_modified;
        }
    }
    return Verdict::proceed;
}

bool range_allowed(const Headers& request, const Validators& current, hubfs::Instant now) {
    const std::string* const value = request.find("If-Range");
    if (value == nullptr) {
        return true;
    }
    if (const auto date = parse_http_date(trim(*value), now)) {
        // A date is a strong validator only when it is at least a second older than the answer.
        return current.modified && seconds(*current.modified) == seconds(*date) &&
               now - *current.modified >= std::chrono::seconds(1);
    }
    const auto theirs = parse_etag(*value);
    const auto mine = parse_etag(current.etag);
    return theirs && mine && strong_match(*theirs, *mine);
}

}  // namespace httpd::http
