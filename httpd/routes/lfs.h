// SPDX-License-Identifier: Apache-2.0
// git-lfs through the mirror: the batch question is answered with addresses of the mirror, so that
// no client is led around it. Contents of the tree asked about are /resolve/ addresses, served from
// the cache; others (older commits, private and gated repositories, Spaces) get an address below
// …/info/lfs/objects/, which is passed through. Makes mount calls: only on threads of the pools.
#pragma once

#include <string>

#include "httpd/routes/context.h"
#include "httpd/routes/route.h"

namespace httpd::routes {

// The most bytes of a batch answer of upstream.
inline constexpr std::size_t kLfsAnswerMax = 16 * 1024 * 1024;

// POST …/info/lfs/objects/batch; `body` was read before.
[[nodiscard]] Outcome lfs_batch(const Context& context, const http::Request& request,
                                const Route& route, const std::string& body);
// GET …/info/lfs/objects/{oid}?size=N: asks upstream where the content is and streams it.
[[nodiscard]] Outcome lfs_object(const Context& context, const http::Request& request,
                                 const Route& route);
// An error as git-lfs shows it: {"message":…}.
[[nodiscard]] http::Response lfs_message(int status, std::string_view text);

}  // namespace httpd::routes
