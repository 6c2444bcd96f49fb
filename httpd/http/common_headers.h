// SPDX-License-Identifier: Apache-2.0
// What every response carries, errors and preflights included: Date, Server, X-Cache, Cache-Status,
// Proxy-Status and CORS (docs/http.md, "Headers"). Pure.
#pragma once

#include <string_view>

#include "fs/base/clock.h"
#include "httpd/http/response.h"

namespace httpd::http {

// What browser clients must be able to read (transformers.js, huggingface.js).
inline constexpr std::string_view kExposedHeaders =
    "X-Repo-Commit, X-Request-Id, X-Error-Code, X-Error-Message, X-Total-Count, ETag, Link, "
    "Accept-Ranges, Content-Range, Content-Length, Content-Disposition, X-Linked-Size, "
    "X-Linked-ETag, X-Cache, Cache-Status, Proxy-Status, Retry-After";

// `node`: our name in Cache-Status and Proxy-Status, a token or a quoted string already.
void add_common_headers(Response& response, std::string_view node, hubfs::Instant now);

// "node-a" as a structured-field item (RFC 9651): a token where it can be one, else a string.
[[nodiscard]] std::string cache_name(std::string_view node);

// The answer to OPTIONS: CORS preflight and plain question alike.
[[nodiscard]] Response preflight(const Request& request, std::string_view allowed_methods);

}  // namespace httpd::http
