// SPDX-License-Identifier: Apache-2.0
// A question and where its answers lead: redirects on the asked server are followed, as clients do,
// one to anywhere else ends the trail. Pure but for `Ask`, which is given: tests answer by table.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "fs/base/result.h"
#include "fs/upstream/one_request.h"

namespace hubfs::doctor {

using Ask = std::function<Result<upstream::OneAnswer>(const upstream::OneRequest&)>;

struct Trail {
    upstream::OneAnswer answer;    // the last one
    upstream::ResponseHead first;  // the first one: the same head when nothing was followed
    int redirects = 0;
    std::optional<upstream::Url> foreign;  // where the last redirect wanted to go, elsewhere

    [[nodiscard]] int status() const { return answer.head.status; }
    // A field of the last answer; empty when it is not there.
    [[nodiscard]] std::string field(std::string_view name) const {
        return answer.head.joined(name);
    }
};

// At most kRedirectsMax; one more is Code::protocol, as is a redirect that names no address.
[[nodiscard]] Result<Trail> follow(const Ask& ask, upstream::OneRequest request);

// The address of the `rel="next"` in a Link field (RFC 8288), as it is written; nothing when there
// is none. The first of several.
[[nodiscard]] std::optional<std::string> next_of(std::string_view link);

// An ETag without W/ and quotes, as clients compare it.
[[nodiscard]] std::string_view bare_etag(std::string_view etag);

// The base's path, without a "/" at its end, in front of a target that begins with one.
[[nodiscard]] upstream::Url below(const upstream::Url& base, std::string_view target);

}  // namespace hubfs::doctor
