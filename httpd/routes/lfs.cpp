// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/lfs.h"

#include <charconv>
#include <unordered_set>
#include <utility>

#include "fs/base/percent.h"
#include "httpd/http/conditional.h"
#include "httpd/http/json_filter.h"
#include "httpd/http/lfs_json.h"
#include "httpd/http/target.h"
#include "httpd/mount/safe_path.h"
#include "httpd/routes/answers.h"
#include "httpd/routes/repo_gate.h"
#include "httpd/routes/status_of.h"
#include "httpd/routes/tree_lines.h"

namespace httpd::routes {

using http::LfsObject;
using http::LfsPlace;
using http::Request;
using http::Response;

namespace {

constexpr std::string_view kAskForPassword = "Basic realm=\"Authentication required\"";

Response batch_response(const std::vector<LfsPlace>& places) {
    Response response;
    response.headers.add("Content-Type", http::kLfsType);
    response.headers.add("Cache-Control", "no-store");
    response.text = http::lfs_answer(places);
    return response;
}

// "/acme/tiny.git/info/lfs/objects" of any address below it.
std::string objects_path(const Request& request) {
    return request.path.substr(0, request.path.rfind('/'));
}

std::string object_address(const std::string& objects, const LfsObject& object) {
    return objects + "/" + object.oid + "?size=" + std::to_string(object.size);
}

// A question of ours to upstream's batch, with nothing of the client's but its token and name.
Request question(const Request& asked) {
    Request request;
    request.method = http::Method::post;
    request.method_text = "POST";
    request.path = objects_path(asked) + "/batch";
    request.scheme = asked.scheme;
    request.host = asked.host;
    request.started = asked.started;
    request.headers.add("Content-Type", http::kLfsType);
    request.headers.add("Accept", http::kLfsType);
    for (const std::string_view name : {"Authorization", "User-Agent"}) {
        if (asked.headers.has(name)) {
            request.headers.add(name, asked.headers.get(name));
        }
    }
    return request;
}

// Upstream's answer to a question of ours: places, or the response that says what went wrong.
std::variant<std::vector<LfsPlace>, Response> places_of(Response answered) {
    if (answered.status != 200) {
        if (answered.status >= 300 && answered.status < 400) {
            return lfs_message(502, "The Hub redirected a question about LFS objects");
        }
        return answered;
    }
    auto places = http::parse_lfs_answer(answered.text);
    if (!places) {
        return lfs_message(502, "The Hub's answer was not understood");
    }
    return std::move(*places);
}

// Asks upstream about objects that the mount does not know; the others' places are known.
PassThrough ask_upstream(const Request& request, std::vector<LfsPlace> known,
                         const std::vector<LfsObject>& unknown, bool with_token,
                         const std::string& base) {
    PassThrough pass{.with_token = with_token, .body = http::lfs_question(unknown)};
    pass.request = question(request);
    pass.read_whole = kLfsAnswerMax;
    const std::string token(with_token ? request.headers.get("Authorization") : "");
    pass.then = [known = std::move(known), objects = base + objects_path(request), token](
                    Response answered, Outcome* next) mutable {
        auto got = places_of(std::move(answered));
        if (auto* const failed = std::get_if<Response>(&got)) {
            next->response = std::move(*failed);
            return;
        }
        for (LfsPlace& place : std::get<std::vector<LfsPlace>>(got)) {
            if (!place.href.empty()) {
                place.href = object_address(objects, place.object);
                place.authorization = token;
            } else if (place.error_code == 0) {
                place.error_code = 404;
                place.error_message = "Object does not exist";
            }
            known.push_back(std::move(place));
        }
        next->response = batch_response(known);
        next->response.cache.status = "fwd=bypass; fwd-status=200";
    };
    return pass;
}

// "refs/heads/main" is the branch main; "" and HEAD are main as well.
std::string revision_of(const std::string& ref) {
    for (const std::string_view prefix : {"refs/heads/", "refs/tags/"}) {
        if (ref.starts_with(prefix)) {
            return ref.substr(prefix.size());
        }
    }
    return ref.empty() ? "main" : ref;
}

// Addresses of those objects that the asked revision's tree has; the others go to `unknown`. An
// outcome when the mount could not say.
std::optional<Outcome> find_in_tree(const Context& context, const Request& request,
                                    const Route& route, const OpenRepo& repo,
                                    const http::LfsBatch& batch, std::vector<LfsPlace>& known,
                                    std::vector<LfsObject>& unknown,
                                    std::optional<Revision>& revision) {
    auto looked_up = find_revision(context, request, route, repo, revision_of(batch.ref));
    if (auto* const ended = std::get_if<Outcome>(&looked_up)) {
        return std::move(*ended);
    }
    revision = std::move(std::get<std::optional<Revision>>(looked_up));
    const auto path = revision ? mount::tree_path(route.repo, revision->commit) : std::nullopt;
    if (!path) {
        unknown = batch.objects;
        return std::nullopt;
    }
    const auto file = context.reader.open(*path);
    if (!file) {
        return repo_failure(context, request, route, file.error());
    }
    settle(context, request, route.repo, repo, *revision);
    std::unordered_set<std::string> oids;
    for (const LfsObject& object : batch.objects) {
        oids.insert(object.oid);
    }
    const auto found = find_lfs(*file, oids);
    if (!found) {
        return repo_failure(context, request, route, found.error());
    }
    const std::string prefix = base_address(context.settings, request) +
                               (route.repo.type == hubfs::RepoType::dataset ? "/datasets/" : "/") +
                               route.repo.id + "/resolve/" + revision->commit + "/";
    for (const LfsObject& object : batch.objects) {
        const auto at = found->find(object.oid);
        if (at == found->end() || at->second.size != object.size) {
            unknown.push_back(object);
        } else {
            known.push_back(LfsPlace{.object = object,
                                     .href = prefix + hubfs::percent_encode(at->second.path, "/")});
        }
    }
    return std::nullopt;
}

// What ends a question about a repository that is not open, as git-lfs understands it.
Outcome closed(const Request& request, Outcome ended, const std::string& body, bool download,
               const std::vector<LfsObject>& objects, const std::string& base) {
    if (ended.response.status == 307 || ended.response.status >= 500) {
        return ended;
    }
    if (ended.pass) {
        ended.pass = download ? ask_upstream(request, {}, objects, true, base)
                              : PassThrough{.with_token = true, .body = body};
    }
    const std::string text(ended.response.headers.get("X-Error-Message"));
    ended.response = lfs_message(ended.response.status, text);
    return ended;
}

}  // namespace

Response lfs_message(int status, std::string_view text) {
    Response response = http::plain(status, {});
    response.headers.set("Content-Type", http::kLfsType);
    if (status == 401) {
        response.headers.add("WWW-Authenticate", kAskForPassword);  // git asks for a password then
    }
    response.text = "{\"message\":" + http::json_string(text) + "}";
    return response;
}

Outcome lfs_batch(const Context& context, const Request& request, const Route& route,
                  const std::string& body) {
    const auto batch = http::parse_lfs_batch(body);
    if (!batch) {
        return answer(lfs_message(422, "Not a batch request"));
    }
    const std::string base = base_address(context.settings, request);
    if (!batch->download) {
        if (!context.settings.writes) {
            return answer(lfs_message(403, "This mirror takes no uploads"));
        }
        Outcome outcome = answer(lfs_message(403, "This mirror takes no uploads"));
        outcome.pass = PassThrough{.with_token = true, .body = body};
        return outcome;
    }
    if (route.repo.id.empty()) {  // a Space
        Outcome outcome = answer(lfs_message(404, "Not served here"));
        outcome.pass = ask_upstream(request, {}, batch->objects, true, base);
        return outcome;
    }
    auto gate = open_repo(context, request, route, true);
    if (auto* const ended = std::get_if<Outcome>(&gate)) {
        return closed(request, std::move(*ended), body, true, batch->objects, base);
    }
    std::vector<LfsPlace> known;
    std::vector<LfsObject> unknown;
    std::optional<Revision> revision;
    if (auto failed = find_in_tree(context, request, route, std::get<OpenRepo>(gate), *batch, known,
                                   unknown, revision)) {
        return closed(request, std::move(*failed), body, true, batch->objects, base);
    }
    if (!unknown.empty() && context.settings.passthrough) {
        Outcome outcome;
        outcome.pass = ask_upstream(request, std::move(known), unknown, false, base);
        return outcome;
    }
    for (const LfsObject& object : unknown) {
        known.push_back(LfsPlace{
            .object = object, .error_code = 404, .error_message = "Object does not exist"});
    }
    Outcome outcome = answer(batch_response(known));
    if (revision) {
        const hubfs::Instant now = context.clock.now();
        outcome.response.cache = mount::cache_note(revision->cache, revision->fresh, now);
    }
    return outcome;
}

Outcome lfs_object(const Context& context, const Request& request, const Route& route) {
    LfsObject object{route.path, 0};
    const auto parameters = http::parse_query(request.query);
    const std::string* const size = http::find_parameter(parameters, "size");
    if (size == nullptr ||
        std::from_chars(size->data(), size->data() + size->size(), object.size).ec != std::errc()) {
        return answer(lfs_message(400, "An object's address needs its size"));
    }
    bool with_token = true;
    Outcome outcome = answer(lfs_message(404, "Object does not exist"));
    if (!route.repo.id.empty()) {
        auto gate = open_repo(context, request, route, true);
        auto* const ended = std::get_if<Outcome>(&gate);
        if (ended != nullptr && !ended->pass) {
            return closed(request, std::move(*ended), {}, true, {}, {});
        }
        if (ended != nullptr) {
            outcome.response =
                lfs_message(ended->response.status, ended->response.headers.get("X-Error-Message"));
        }
        with_token = ended != nullptr;  // never for public content
    }
    Request fetch = question(request);
    fetch.method = request.method;
    fetch.method_text = request.method_text;
    fetch.headers = {};
    const std::string etag = "\"" + object.oid + "\"";
    if (http::range_allowed(request.headers, {etag}, context.clock.now()) &&
        request.headers.has("Range")) {
        fetch.headers.add("Range", request.headers.get("Range"));
    }
    PassThrough pass{.with_token = with_token, .body = http::lfs_question({object})};
    pass.request = question(request);
    pass.read_whole = kLfsAnswerMax;
    pass.then = [fetch = std::move(fetch), etag](Response answered, Outcome* next) mutable {
        auto got = places_of(std::move(answered));
        if (auto* const failed = std::get_if<Response>(&got)) {
            next->response = std::move(*failed);
            return;
        }
        const auto& places = std::get<std::vector<LfsPlace>>(got);
        if (places.size() != 1 || places.front().href.empty()) {
            next->response = lfs_message(404, "Object does not exist");
            return;
        }
        PassThrough stream{.with_token = false};
        stream.request = std::move(fetch);
        stream.address = places.front().href;
        stream.then = [etag](Response content, Outcome* last) {
            if (content.status < 300) {
                content.headers.set("ETag", etag);  // not the content host's own
                content.headers.set("Cache-Control", "no-store");
            }
            last->response = std::move(content);
        };
        next->pass = std::move(stream);
    };
    outcome.pass = std::move(pass);
    return outcome;
}

}  // namespace httpd::routes
