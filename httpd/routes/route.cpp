// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/route.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "fs/base/percent.h"
#include "httpd/http/lfs_json.h"
#include "httpd/http/target.h"
#include "httpd/mount/safe_path.h"

namespace httpd::routes {

namespace {

using Segments = std::span<const std::string_view>;

// Deeper than any branch that is written without escapes by a known client (refs/convert/parquet).
constexpr std::size_t kUnescapedRevisionMax = 4;

template <std::size_t N>
bool one_of(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::ranges::find(words, word) != words.end();
}

// First words of API addresses that are about the caller, or not repositories of ours.
constexpr std::array<std::string_view, 14> kPassedApi = {
    "whoami-v2", "whoami", "settings", "notifications", "spaces",   "kernels",     "buckets",
    "repos",     "jobs",   "oauth",    "validate-yaml", "sessions", "collections", "organizations"};
// First words of other addresses.
constexpr std::array<std::string_view, 6> kPassedPages = {"spaces", "kernels", "buckets",
                                                          "oauth",  "v2",      ".well-known"};
// What may follow a repository id under /api/{type}/: a one-segment id is recognised by these.
constexpr std::array<std::string_view, 30> kVerbs = {"revision",
                                                     "tree",
                                                     "paths-info",
                                                     "refs",
                                                     "commits",
                                                     "commit",
                                                     "treesize",
                                                     "xet-read-token",
                                                     "auth-check",
                                                     "lfs-files",
                                                     "compare",
                                                     "discussions",
                                                     "likers",
                                                     "parquet",
                                                     "croissant",
                                                     "leaderboard",
                                                     "preupload",
                                                     "settings",
                                                     "branch",
                                                     "tag",
                                                     "like",
                                                     "super-squash",
                                                     "xet-write-token",
                                                     "ask-access",
                                                     "user-access-request",
                                                     "resource-group",
                                                     "safetensors-metadata",
                                                     "notebook",
                                                     "scan",
                                                     "lfs-files-verify"};

// The id of one or two segments in front of a verb; nothing when there is no such id.
std::optional<std::string> repo_id(Segments segments, std::size_t n) {
    std::string id;
    for (std::size_t i = 0; i < n; ++i) {
        const auto part = hubfs::percent_decode(segments[i]);
        if (!part || part->find('/') != std::string::npos) {
            return std::nullopt;
        }
        id += i == 0 ? *part : "/" + *part;
    }
    return hubfs::valid_repo_id(id) ? std::optional(std::move(id)) : std::nullopt;
}

std::string_view joined(Segments segments) {
    if (segments.empty()) {
        return {};
    }
    const char* const first = segments.front().data();
    const char* const last = segments.back().data() + segments.back().size();
    return {first, static_cast<std::size_t>(last - first)};
}

bool set_repo(Route& route, hubfs::RepoType type, Segments segments, std::size_t at,
              std::size_t n) {
    auto id = repo_id(segments.subspan(at), n);
    if (!id) {
        return false;
    }
    route.repo = hubfs::RepoKey{type, std::move(*id)};
    route.id_at = at;
    route.id_segments = n;
    return true;
}

bool decode_into(std::string_view raw, std::string& out) {
    auto decoded = hubfs::percent_decode(raw);
    if (decoded) {
        out = std::move(*decoded);
    }
    return decoded.has_value();
}

// …/resolve/{rev}/{path…} after an id of `n` segments at `at`.
Route file_route(Route route, hubfs::RepoType type, Segments segments, std::size_t at,
                 std::size_t n) {
    const std::size_t verb = at + n;
    route.kind = segments[verb] == "raw" ? Kind::raw : Kind::resolve;
    if (!set_repo(route, type, segments, at, n)) {
        route.kind = Kind::unknown;
    } else if (!decode_into(segments[verb + 1], route.revision) ||
               !decode_into(joined(segments.subspan(verb + 2)), route.path)) {
        route.kind = Kind::bad_request;
    }
    return route;
}

bool is_file_verb(Segments segments, std::size_t at) {
    return segments.size() >= at + 3 && (segments[at] == "resolve" || segments[at] == "raw");
}

// What git and git-lfs ask below a repository; nothing for other words. git itself is passed to
// upstream, which speaks it; of LFS the questions about contents are ours.
std::optional<Route> git_words(Segments words) {
    Route route;
    route.kind = Kind::pass;
    if (words.size() == 1 && words[0] == "git-upload-pack") {
        route.post_reads = true;
    } else if (words.size() == 1 && words[0] == "git-receive-pack") {
        route.write = true;
    } else if (words.size() < 2 || words[0] != "info") {
        return std::nullopt;
    } else if (words[1] == "lfs") {
        route.write = true;  // locks and what else there may be
        if (words.size() == 4 && words[2] == "objects") {
            route.kind = words[3] == "batch"          ? Kind::lfs_batch
                         : http::is_lfs_oid(words[3]) ? Kind::lfs_object
                                                      : Kind::pass;
            route.path = words[3];
            route.write = false;
        }
    } else if (words.size() > 2 || words[1] != "refs") {
        return std::nullopt;
    }
    return route;
}

// {id}[.git]/… with `at` segments of type in front; an id has one or two segments, so that a file
// called info/refs stays a file. A Space's address has no repository of ours.
std::optional<Route> git_route(Segments segments, std::size_t at) {
    for (const std::size_t n : {std::size_t{1}, std::size_t{2}}) {
        auto route = segments.size() > at + n ? git_words(segments.subspan(at + n)) : std::nullopt;
        if (!route) {
            continue;
        }
        const bool dataset = at == 1 && segments[0] == "datasets";
        if (at == 0 || dataset) {
            std::vector<std::string_view> id(segments.begin(), segments.end());
            if (std::string_view& name = id[at + n - 1]; name.ends_with(".git")) {
                name.remove_suffix(4);
            }
            const auto type = dataset ? hubfs::RepoType::dataset : hubfs::RepoType::model;
            if (!set_repo(*route, type, id, at, n)) {
                route->kind = Kind::unknown;
            }
        }
        return route;
    }
    return std::nullopt;
}

bool has_type(std::string_view first) {
    return first == "datasets" || first == "spaces" || first == "kernels";
}

Route page_route(Segments segments) {
    Route route;
    const std::string_view first = segments.front();
    if (segments.size() == 1 && first.empty()) {
        route.kind = Kind::index;
    } else if (segments.size() == 1 && first == "healthz") {
        route.kind = Kind::health;
    } else if (first == "-" || first.empty()) {
        route.kind = Kind::unknown;
    } else if (auto git = git_route(segments, has_type(first) ? 1 : 0)) {
        return std::move(*git);
    } else if (one_of(first, kPassedPages)) {
        route.kind = Kind::pass;
        route.post_reads = first == "oauth";  // a login
    } else {
        const bool dataset = first == "datasets";
        const auto type = dataset ? hubfs::RepoType::dataset : hubfs::RepoType::model;
        const std::size_t at = dataset ? 1 : 0;
        for (const std::size_t n : {std::size_t{1}, std::size_t{2}}) {
            if (is_file_verb(segments, at + n)) {
                return file_route(std::move(route), type, segments, at, n);
            }
        }
    }
    return route;
}

Route resolve_cache_route(Segments segments) {
    Route route;
    const auto type = segments.size() > 2 ? hubfs::repo_type_from(segments[2]) : std::nullopt;
    if (!type) {
        route.kind = segments.size() > 2 && segments[2] == "spaces" ? Kind::pass : Kind::unknown;
        return route;
    }
    for (const std::size_t n : {std::size_t{1}, std::size_t{2}}) {
        if (segments.size() > 4 + n && mount::is_commit(segments[3 + n]) &&
            set_repo(route, *type, segments, 3, n)) {
            route.kind = Kind::resolve_cache;
            route.revision = segments[3 + n];
            if (!decode_into(joined(segments.subspan(4 + n)), route.path)) {
                route.kind = Kind::bad_request;
            }
            return route;
        }
    }
    route.kind = Kind::bad_request;  // a branch name instead of a commit: the Hub's 400
    return route;
}

Kind kind_of_verb(std::string_view verb, std::size_t words_after) {
    if (verb == "xet-read-token") {
        return Kind::xet_read_token;
    }
    if (verb == "auth-check") {
        return Kind::auth_check;
    }
    if (words_after > 0) {
        if (verb == "revision" && words_after == 1) {
            return Kind::revision;
        }
        if (verb == "tree") {
            return Kind::tree;
        }
        if (verb == "paths-info" && words_after == 1) {
            return Kind::paths_info;
        }
        if (verb == "commits") {
            return Kind::commits;
        }
    }
    return Kind::repo_document;
}

// /api/{models|datasets}/…
Route repo_route(hubfs::RepoType type, Segments segments) {
    Route route;
    route.api = true;
    const bool one_segment =
        segments.size() == 3 || (segments.size() > 3 && one_of(segments[3], kVerbs));
    const std::size_t n = one_segment ? 1 : 2;
    if (!set_repo(route, type, segments, 2, n)) {
        route.kind = Kind::unknown;
        return route;
    }
    const std::size_t verb = 2 + n;
    if (segments.size() == verb) {
        route.kind = Kind::info;
        return route;
    }
    if (segments[verb].empty()) {  // "//": no verb of the Hub's, and none may hide behind it
        route.kind = Kind::unknown;
        return route;
    }
    const Segments after = segments.subspan(verb + 1);
    route.kind = kind_of_verb(segments[verb], after.size());
    route.rest.assign(after.begin(), after.end());
    const bool has_revision = route.kind == Kind::revision || route.kind == Kind::tree ||
                              route.kind == Kind::paths_info || route.kind == Kind::commits;
    if (has_revision && (!decode_into(after[0], route.revision) ||
                         !decode_into(joined(after.subspan(1)), route.path))) {
        route.kind = Kind::bad_request;
    }
    return route;
}

Route api_route(Segments segments) {
    Route route;
    route.api = true;
    const std::string_view word = segments.size() > 1 ? segments[1] : std::string_view();
    if (word == "telemetry") {
        route.kind = Kind::telemetry;
    } else if (word == "agent-harnesses" && segments.size() == 2) {
        route.kind = Kind::harnesses;
    } else if (word == "resolve-cache") {
        return resolve_cache_route(segments);
    } else if (one_of(word, kPassedApi)) {
        // A Space's read token leads around the mirror like any other.
        const bool token = std::ranges::find(segments, "xet-read-token") != segments.end();
        route.kind = token ? Kind::xet_read_token : Kind::pass;
        route.post_reads = std::ranges::find(segments, "paths-info") != segments.end();
    } else if (const auto type = hubfs::repo_type_from(word); type && segments.size() > 2) {
        return repo_route(*type, segments);
    } else if (!word.empty()) {
        route.kind = Kind::document;
    }
    return route;
}

}  // namespace

Route parse_route(std::string_view path) {
    const auto segments = http::split_path(path);
    if (segments.empty()) {
        return {};
    }
    return segments.front() == "api" ? api_route(segments) : page_route(segments);
}

std::string with_id(std::string_view path, const Route& route, std::string_view id) {
    const auto segments = http::split_path(path);
    std::string out;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (i == route.id_at) {
            out += '/';
            out += id;
        } else if (i < route.id_at || i >= route.id_at + route.id_segments) {
            out += '/';
            out += segments[i];
        }
    }
    return out;
}

std::vector<Division> divisions(const Route& route) {
    std::vector<Division> found{{route.revision, route.path}};
    const std::size_t most = std::min(route.rest.size(), kUnescapedRevisionMax);
    const Segments rest(route.rest);
    for (std::size_t n = 2; n <= most; ++n) {
        Division division;
        if (decode_into(joined(rest.first(n)), division.revision) &&
            decode_into(joined(rest.subspan(n)), division.path)) {
            found.push_back(std::move(division));
        }
    }
    // "refs" is no branch: the known forms have three words.
    if (route.revision == "refs" && found.size() > 2) {
        std::rotate(found.begin(), found.begin() + 2, found.begin() + 3);
    }
    return found;
}

}  // namespace httpd::routes
