// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/repo_gate.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>

#include "fs/contract.h"
#include "httpd/mount/safe_path.h"
#include "httpd/routes/answers.h"
#include "httpd/routes/status_of.h"

namespace httpd::routes {

namespace contract = hubfs::contract;
using http::Request;

namespace {

constexpr std::size_t kXattrNameMax = 255;
constexpr std::chrono::seconds kRefAgeMax{60};
// How long a commit counts as known: its tree is in hubfs' store for good.
constexpr std::chrono::minutes kCommitKnown{30};
// The same for a name that leads to another.
constexpr std::chrono::minutes kMovedKnown{10};

bool has_token(const Request& request) {
    return request.headers.has("Authorization");
}

Outcome passed(http::Response otherwise, bool filter_json) {
    Outcome outcome = answer(std::move(otherwise));
    outcome.pass = PassThrough{.with_token = true, .filter_json = filter_json};
    return outcome;
}

Outcome closed_repo(const Request& request, const Route& route, std::string_view state) {
    const Closed why = state == "disabled"  ? Closed::disabled
                       : state == "private" ? Closed::private_
                                            : Closed::gated;
    return passed(repo_closed(route.repo, why, has_token(request), route.api), route.api);
}

}  // namespace

std::string known_key(const hubfs::RepoKey& repo, std::string_view revision) {
    std::string key(hubfs::plural(repo.type));
    key += '/';
    key += repo.id;
    key += '@';
    key += revision;
    return key;
}

Outcome missing_repo(const Context& context, const Request& request, const Route& route) {
    // An absence is believed only while the mount is there: an empty directory in its place knows
    // no repository either.
    if (const auto epoch = context.epoch.fresh(); !epoch) {
        return answer(failure_response(ENOTCONN, route.api));
    }
    Outcome outcome = answer(repo_not_found(has_token(request), route.api));
    if (has_token(request)) {
        // It may be private, and this user may be one of its readers.
        outcome.pass = PassThrough{.with_token = true, .filter_json = route.api};
    }
    return outcome;
}

Outcome repo_failure(const Context& context, const Request& request, const Route& route,
                     int error) {
    const auto path = mount::repo_path(route.repo);
    if (path && (error == EACCES || error == EPERM)) {
        const auto state = context.reader.attribute(*path, contract::kXattrState);
        return closed_repo(request, route, state ? state->value_or("") : "");
    }
    if (error == ENOENT) {
        return missing_repo(context, request, route);
    }
    std::string words;
    if (path && !status_of(error).proxy_error.empty()) {
        if (const auto last = context.reader.attribute(*path, contract::kXattrLastError)) {
            words = last->value_or("");
        }
    }
    return answer(failure_response(error, route.api, words));
}

std::variant<OpenRepo, Outcome> open_repo(const Context& context, const Request& request,
                                          const Route& route, bool check_state) {
    const auto path = mount::repo_path(route.repo);
    if (!path) {
        return missing_repo(context, request, route);
    }
    if (const auto epoch = context.epoch.current(); !epoch) {
        return answer(failure_response(ENOTCONN, route.api));
    }
    const auto entry = context.reader.look(*path);
    if (!entry) {
        return repo_failure(context, request, route, entry.error());
    }
    if (entry->kind == mount::Entry::Kind::symlink) {
        const auto right = mount::renamed_to(route.repo, entry->link);
        if (!right) {
            return answer(failure_response(EPROTO, route.api));
        }
        const std::string location = with_id(request.path, route, right->id);
        Outcome moved =
            answer(moved_to(request.has_query ? location + "?" + request.query : location));
        moved.response.cache.result = http::CacheResult::hit;
        moved.response.cache.status = "hit";
        return moved;
    }
    if (check_state) {
        const auto state = context.reader.attribute(*path, contract::kXattrState);
        if (!state) {
            return repo_failure(context, request, route, state.error());
        }
        if (*state == "gone") {
            return missing_repo(context, request, route);
        }
        if (*state && **state != "public") {
            return closed_repo(request, route, **state);
        }
    }
    return OpenRepo{*path};
}

std::variant<std::optional<Revision>, Outcome> find_revision(const Context& context,
                                                             const Request& request,
                                                             const Route& route,
                                                             const OpenRepo& repo,
                                                             const std::string& name) {
    Revision revision;
    revision.name = name == "HEAD" ? "main" : name;
    if (mount::is_commit(name)) {
        revision.commit = name;
        revision.pinned = true;
        return std::optional(std::move(revision));
    }
    const std::string attribute =
        std::string(contract::kXattrRefPrefix) + contract::encode_ref(revision.name);
    if (revision.name.empty() || attribute.size() > kXattrNameMax) {
        return std::optional<Revision>();
    }
    const auto text = context.reader.attribute(repo.path, attribute);
    if (!text) {
        return repo_failure(context, request, route, text.error());
    }
    if (!*text) {
        return std::optional<Revision>();
    }
    auto value = mount::parse_ref_value(**text);
    if (!value) {
        return answer(failure_response(EPROTO, route.api));
    }
    revision.commit = std::move(value->commit);
    revision.fresh = value->fresh;
    revision.cache = mount::cache_result(revision.fresh, request.started);
    return std::optional(std::move(revision));
}

void settle(const Context& context, const Request& request, const hubfs::RepoKey& repo,
            const OpenRepo& place, Revision& revision) {
    const hubfs::Instant now = context.clock.now();
    const std::string commit_key = known_key(repo, revision.commit);
    if (!context.known.contains(commit_key, now)) {
        const auto checked =
            context.reader.attribute(place.path + "/" + revision.commit, contract::kXattrChecked);
        if (checked && *checked) {
            mount::Freshness tree;
            tree.checked = hubfs::instant_from(**checked);
            revision.cache =
                http::worst(revision.cache, mount::cache_result(tree, request.started));
        }
    }
    if (!revision.pinned && revision.fresh.expires) {
        context.known.remember(known_key(repo, revision.name), *revision.fresh.expires);
    }
    context.known.remember(commit_key, now + kCommitKnown);
}

std::string cache_control_until(const std::optional<hubfs::Instant>& expires, hubfs::Instant now) {
    std::int64_t seconds = 0;
    if (expires) {
        seconds = std::chrono::duration_cast<std::chrono::seconds>(*expires - now).count();
    }
    seconds = std::clamp<std::int64_t>(seconds, 0, kRefAgeMax.count());
    return "public, max-age=" + std::to_string(seconds) + ", must-revalidate";
}

std::string cache_control(const Revision& revision, hubfs::Instant now) {
    return revision.pinned ? "public, max-age=31536000, immutable"
                           : cache_control_until(revision.fresh.expires, now);
}

std::string base_address(const Settings& settings, const Request& request) {
    if (settings.public_url.empty()) {
        return request.scheme + "://" + request.host;
    }
    std::string base = settings.public_url;
    while (base.ends_with('/')) {
        base.pop_back();
    }
    return base;
}

}  // namespace httpd::routes
