// SPDX-License-Identifier: Apache-2.0
// Answers of the Hub's API that hubfs keeps as files below .api: info, revisions, refs, commits,
// lists, expanded trees. Status, body and headers are the Hub's, but for Xet, which is hidden, and
// links, which lead to this mirror. Makes mount calls: only on threads of the pools.
#pragma once

#include <string>
#include <string_view>

#include "httpd/routes/context.h"
#include "httpd/routes/route.h"

namespace httpd::routes {

// For addresses of a repository: checks it, finds a revision that is spelled with slashes, then the
// document.
[[nodiscard]] Outcome repo_document(const Context& context, const http::Request& request,
                                    const Route& route);
// The document of this target (origin-form). `pass_filtered`: JSON of a pass-through is filtered.
[[nodiscard]] Outcome document(const Context& context, const http::Request& request,
                               const Route& route, const std::string& target);

// "/api/models/acme/tiny/revision/refs%2Fpr%2F1?expand=sha": how a target is spelled for .api,
// whatever spelling the client chose.
[[nodiscard]] std::string document_target(const http::Request& request, const Route& route,
                                          std::string_view verb, std::string_view revision,
                                          std::string_view path);

// A JSON body of ours with its ETag, conditions applied; the cache note is the caller's.
[[nodiscard]] http::Response json_response(const http::Request& request, std::string body,
                                           hubfs::Instant now);

}  // namespace httpd::routes
