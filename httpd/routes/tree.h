// SPDX-License-Identifier: Apache-2.0
// /tree/ and /paths-info/ from the mount's .trees; with expand=true from the Hub's document,
// because only it knows the last commit of each file. Makes mount calls: only on threads of the
// pools.
#pragma once

#include <string>

#include "httpd/routes/context.h"
#include "httpd/routes/route.h"

namespace httpd::routes {

[[nodiscard]] Outcome tree(const Context& context, const http::Request& request,
                           const Route& route);

// The most paths of one paths-info request (the Hub's own limit), and its body.
inline constexpr std::size_t kPathsMax = 2000;
inline constexpr std::size_t kPathsBodyMax = 4 * 1024 * 1024;

// `body`: of the POST, read before. A pass-through is to be given it as well.
[[nodiscard]] Outcome paths_info(const Context& context, const http::Request& request,
                                 const Route& route, const std::string& body);

}  // namespace httpd::routes
