// SPDX-License-Identifier: Apache-2.0
// The few pages that are ours and need neither the mount nor upstream. Pure.
#pragma once

#include <string_view>

#include "httpd/http/request.h"
#include "httpd/http/response.h"

namespace httpd::routes {

// "/": what this is and how to use it. `base`: how the client knows us.
[[nodiscard]] http::Response index_page(std::string_view base);
// /api/agent-harnesses: an object, never a list (hub-api 2.1).
[[nodiscard]] http::Response harnesses(const http::Request& request, hubfs::Instant now);
// /api/telemetry/…: fire and forget.
[[nodiscard]] http::Response telemetry();
// …/xet-read-token/…: hidden, so that clients stay on plain HTTP.
[[nodiscard]] http::Response no_xet();

}  // namespace httpd::routes
