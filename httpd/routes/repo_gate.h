// SPDX-License-Identifier: Apache-2.0
// The first two questions of every repository address: is the repository served from here, and
// which commit is the revision. Makes mount calls: only on threads of the pools.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "httpd/mount/ref_value.h"
#include "httpd/routes/context.h"
#include "httpd/routes/route.h"

namespace httpd::routes {

// A repository that is public and has its canonical name.
struct OpenRepo {
    std::string path;  // below the mount
};

// The repository, or the answer that ends the matter: 307 to its right name, the Hub's error, a
// pass-through, 503 without the mount. `check_state`: ask for its state even if the path is fine
// (for answers that are not below the repository's directory).
[[nodiscard]] std::variant<OpenRepo, Outcome> open_repo(const Context& context,
                                                        const http::Request& request,
                                                        const Route& route, bool check_state);

struct Revision {
    std::string name;  // as asked for; HEAD became main
    std::string commit;
    bool pinned = false;  // asked for by commit: the answer never changes
    mount::Freshness fresh;
    http::CacheResult cache = http::CacheResult::hit;
};

// The commit of a revision (not checked to exist when it is a commit already), or nothing when the
// Hub knows no such revision; or the answer that ends the matter.
[[nodiscard]] std::variant<std::optional<Revision>, Outcome> find_revision(
    const Context& context, const http::Request& request, const Route& route, const OpenRepo& repo,
    const std::string& name);

// What is answered instead when the repository is not public (any more); nothing: it is. `path` is
// the repository's in the mount. To be asked before something below it is called absent: names that
// the kernel knows outlive a withdrawal for a moment.
[[nodiscard]] std::optional<Outcome> not_open(const Context& context, const http::Request& request,
                                              const Route& route, const std::string& path);

// No such revision, with the word for it.
[[nodiscard]] Outcome missing_revision(const Context& context, const http::Request& request,
                                       const Route& route, const std::string& name);

// RFC 9111 sections 5.2.1.4 and 5.4: upstream is to be asked before a reference or a document is
// taken from here. Commits never change.
[[nodiscard]] bool wants_renewal(const http::Request& request);

// What an errno met at or below the repository means: EACCES asks for its state and passes through.
[[nodiscard]] Outcome repo_failure(const Context& context, const http::Request& request,
                                   const Route& route, int error);
[[nodiscard]] Outcome missing_repo(const Context& context, const http::Request& request,
                                   const Route& route);

// Cache-Control of an answer for this revision: for ever, or until the reference expires (a minute
// from now at most). max-age counts from the time that Age counts from (RFC 9111 section 4.2.3).
[[nodiscard]] std::string cache_control(const Revision& revision, hubfs::Instant now);
[[nodiscard]] std::string cache_control(const mount::Freshness& fresh, hubfs::Instant now);

// The tree of this revision was read. The next question about it should not have to wait; and if
// the mount says when it fetched the tree (user.hub.checked of the commit's directory), one that
// was fetched for this request counts in `cache`.
void settle(const Context& context, const http::Request& request, const hubfs::RepoKey& repo,
            const OpenRepo& place, Revision& revision);
// The name of a revision in KnownNames.
[[nodiscard]] std::string known_key(const hubfs::RepoKey& repo, std::string_view revision);

}  // namespace httpd::routes
