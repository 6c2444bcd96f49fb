// SPDX-License-Identifier: Apache-2.0
// From a path to what is asked for. The path is cut at "/" before anything is decoded; who may ask
// with which method is the site's business. Pure; table-tested.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fs/base/hub_types.h"

namespace httpd::routes {

enum class Kind : std::uint8_t {
    index,           // /
    health,          // /healthz
    telemetry,       // /api/telemetry/…
    harnesses,       // /api/agent-harnesses
    resolve,         // /{id}/resolve/{rev}/{path}
    raw,             // /{id}/raw/{rev}/{path}
    resolve_cache,   // /api/resolve-cache/{type}/{id}/{commit}/{path}
    info,            // /api/{type}/{id}
    revision,        // /api/{type}/{id}/revision/{rev}
    tree,            // /api/{type}/{id}/tree/{rev}[/{path}]
    paths_info,      // /api/{type}/{id}/paths-info/{rev}
    commits,         // /api/{type}/{id}/commits/{rev}
    repo_document,   // /api/{type}/{id}/anything else
    document,        // /api/anything else that may be public: lists, tags, search
    xet_read_token,  // hidden
    auth_check,      // /api/{type}/{id}/auth-check
    lfs_batch,       // /{id}.git/info/lfs/objects/batch, of Spaces without a repository
    lfs_object,      // /{id}.git/info/lfs/objects/{sha256}; path is the hash
    pass,            // Spaces, accounts, git, and what else is never ours
    bad_request,     // a path that cannot be decoded, a branch where a commit is required
    unknown,
};

struct Route {
    Kind kind = Kind::unknown;
    bool api = false;  // errors as JSON
    hubfs::RepoKey repo{};
    std::size_t id_at = 0;        // where the id begins among the path's segments
    std::size_t id_segments = 0;  // 1 or 2
    std::string revision{};       // decoded; of tree and commits: the first segment
    std::string path{};           // decoded, of the file or directory
    // Segments after "tree" or "commits", raw: a revision with unescaped slashes is cut from them.
    std::vector<std::string_view> rest{};
    bool write = false;       // of pass: changes something whatever the method is
    bool post_reads = false;  // of pass: a POST changes nothing (git fetch, paths-info of a Space)
};

// Views in the result point into `path`.
[[nodiscard]] Route parse_route(std::string_view path);

// The same path with another repository id in it.
[[nodiscard]] std::string with_id(std::string_view path, const Route& route, std::string_view id);

// How `rest` may divide into revision and path, most likely first: {"refs/pr/1", "sub"} …
struct Division {
    std::string revision;
    std::string path;
};
[[nodiscard]] std::vector<Division> divisions(const Route& route);

}  // namespace httpd::routes
