// SPDX-License-Identifier: Apache-2.0
// The Hub's own error answers, word for word (hub-api: errors): status, X-Error-Code,
// X-Error-Message, body. Text under /resolve/ and /raw/, JSON under /api/. Pure.
#pragma once

#include <string>
#include <string_view>

#include "fs/base/hub_types.h"
#include "httpd/http/response.h"

namespace httpd::routes {

// Why a repository is not served from the cache.
enum class Closed : std::uint8_t { gated, private_, disabled };

// `text` as body (plain, or {"error":…}) and as X-Error-Message.
[[nodiscard]] http::Response message(int status, std::string_view text, bool json);

// What the Hub says of a missing or private repository: 401 to anonymous users, 404 to others. The
// code is added to the bare 401: clients on plain http would not understand it else.
[[nodiscard]] http::Response repo_not_found(bool with_token, bool json);
[[nodiscard]] http::Response revision_not_found(std::string_view revision, bool json);
// `commit` empty: not known.
[[nodiscard]] http::Response entry_not_found(std::string_view commit, bool json);
// Used only when nothing may be passed through: upstream says it better.
[[nodiscard]] http::Response repo_closed(const hubfs::RepoKey& repo, Closed why, bool with_token,
                                         bool json);
// 307 with a relative Location: clients stay on the mirror.
[[nodiscard]] http::Response moved_to(std::string_view location);
[[nodiscard]] http::Response method_not_allowed(std::string_view allowed);
// The Hub's page for an address it does not know, and its JSON twin.
[[nodiscard]] http::Response page_not_found(bool json);

}  // namespace httpd::routes
