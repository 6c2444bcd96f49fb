// SPDX-License-Identifier: Apache-2.0
// A file by repository, revision and path: /resolve/, /raw/ and /api/resolve-cache/. Answers 200 or
// 206 directly, never a redirect to bytes (hub-api: a mirror may answer every file this way). Makes
// mount calls: only on threads of the pools.
#pragma once

#include "httpd/routes/context.h"
#include "httpd/routes/route.h"

namespace httpd::routes {

[[nodiscard]] Outcome resolve(const Context& context, const http::Request& request,
                              const Route& route);

}  // namespace httpd::routes
