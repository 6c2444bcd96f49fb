// SPDX-License-Identifier: Apache-2.0
// The one switch from an errno of the mount to an HTTP status (docs/errors.md). An upstream failure
// is a 5xx, never 401 or 404: clients remember those as facts about the repository. Pure.
#pragma once

#include <string>
#include <string_view>

#include "httpd/http/response.h"

namespace httpd::routes {

struct Failure {
    int status = 500;
    std::string_view proxy_error;  // of Proxy-Status (RFC 9209 section 2.3); empty: not upstream's
    std::string_view text;         // one sentence for people
    int retry_after = 0;           // whole seconds; 0: none
};

// ENOENT and EACCES mean different things at different places: their callers look first and come
// here only when the thing is simply not there or not to be had.
[[nodiscard]] Failure status_of(int error);

// The whole answer; JSON under /api/, else text. `last_error`: Proxy-Status words that the mount
// remembers for the repository, used instead of the table's when given.
[[nodiscard]] http::Response failure_response(int error, bool json,
                                              std::string_view last_error = {});

// A pool is full: come again.
[[nodiscard]] http::Response overloaded(bool json);

}  // namespace httpd::routes
