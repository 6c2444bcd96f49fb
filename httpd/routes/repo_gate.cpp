// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/repo_gate.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

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

std::optional<Outcome> not_open(const Context& context, const Request& request, const Route& route,
                                const std::string& path) {
    const auto state = context.reader.attribute(path, contract::kXattrState);
    if (!state) {
        return repo_failure(context, request, route, state.error());
    }
    if (*state == "gone") {
        return missing_repo(context, request, route);
    }
    if (*state && **state != "public") {
        return closed_repo(request, route, **state);
    }
    return std::nullopt;
}

namespace {

// The mount does not say when it asked for what is not there: what we met lately is a HIT, counted
// from before the question, so that hubfs remembers it at least as long.
void note_absence(const Context& context, const Request& request, const std::string& key,
                  http::Response& response) {
    const hubfs::Instant now = context.clock.now();
    if (context.known.known_before(key, request.started, now)) {
        response.cache = {.result = http::CacheResult::hit, .status = "hit"};
        return;
    }
    response.cache.status = "fwd=uri-miss";
    context.known.remember(key, request.started + context.settings.absent, now);
}

}  // namespace

bool wants_renewal(const Request& request) {
    const http::Headers& headers = request.headers;
    return headers.lists("Cache-Control", "no-cache") ||
           headers.lists("Cache-Control", "max-age=0") ||
           (!headers.has("Cache-Control") && headers.lists("Pragma", "no-cache"));
}

std::string known_key(const hubfs::RepoKey& repo, std::string_view revision) {
    std::string key(hubfs::plural(repo.type));
    key += '/';
    key += repo.id;
    key += '@';
    key += revision;
    return key;
}

Outcome missing_revision(const Context& context, const Request& request, const Route& route,
                         const std::string& name) {
    // The mount knows no revision either of a repository that is gone or closed by now: that is
    // what the Hub would say, and what its owner may look behind.
    if (const auto path = mount::repo_path(route.repo)) {
        if (auto ended = not_open(context, request, route, *path)) {
            return std::move(*ended);
        }
    }
    Outcome outcome = answer(revision_not_found(name, route.api));
    note_absence(context, request, known_key(route.repo, "!" + name), outcome.response);
    return outcome;
}

Outcome missing_repo(const Context& context, const Request& request, const Route& route) {
    // An absence is believed only while the mount is there: an empty directory in its place knows
    // no repository either.
    if (const auto epoch = context.epoch.fresh(); !epoch) {
        return answer(failure_response(ENOTCONN, route.api));
    }
    Outcome outcome = answer(repo_not_found(has_token(request), route.api));
    note_absence(context, request, known_key(route.repo, "!"), outcome.response);
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
        if (state && *state == "public") {
            // Refused inside of a repository that everybody may read: upstream's failure.
            return answer(failure_response(EPROTO, route.api));
        }
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
        // Symlinks say nothing of when they were asked for: only what we met lately is a HIT.
        const hubfs::Instant now = context.clock.now();
        const std::string key = known_key(route.repo, "");
        const bool known = context.known.known_before(key, request.started, now);
        moved.response.cache = mount::cache_note(
            known ? http::CacheResult::hit : http::CacheResult::miss, mount::Freshness{}, now);
        if (!known) {
            context.known.remember(key, request.started + context.settings.state, now);
        }
        return moved;
    }
    if (check_state) {
        if (auto ended = not_open(context, request, route, *path)) {
            return std::move(*ended);
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
    const std::string encoded = contract::encode_ref(revision.name);
    const bool renew = wants_renewal(request);
    std::string attribute(renew ? contract::kXattrRenewedPrefix : contract::kXattrRefPrefix);
    attribute += encoded;
    if (revision.name.empty() || attribute.size() > kXattrNameMax) {
        return std::optional<Revision>();
    }
    auto text = context.reader.attribute(repo.path, attribute);
    if (renew && text && !*text) {  // no such revision, or a mount that cannot renew
        text =
            context.reader.attribute(repo.path, std::string(contract::kXattrRefPrefix) + encoded);
    }
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
        context.known.remember(known_key(repo, revision.name), *revision.fresh.expires, now);
    }
    context.known.remember(commit_key, now + kCommitKnown, now);
}

std::string cache_control(const mount::Freshness& fresh, hubfs::Instant now) {
    const auto seconds = [&](const std::optional<hubfs::Instant>& at) {
        return at ? std::chrono::duration_cast<std::chrono::seconds>(*at - now).count() : 0;
    };
    const std::int64_t left =
        std::clamp<std::int64_t>(seconds(fresh.expires), 0, kRefAgeMax.count());
    const std::int64_t age = std::max<std::int64_t>(-seconds(fresh.checked), 0);
    return "public, max-age=" + std::to_string(age + left) + ", must-revalidate";
}

std::string cache_control(const Revision& revision, hubfs::Instant now) {
    return revision.pinned ? "public, max-age=31536000, immutable"
                           : cache_control(revision.fresh, now);
}

std::string base_address(const Settings& settings, const Request& request) {
    if (settings.public_url.empty() && request.host.empty()) {
        return {};  // HTTP/1.0: addresses without an authority are all that we can say
    }
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
