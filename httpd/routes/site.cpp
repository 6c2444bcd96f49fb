// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/site.h"

#include <cerrno>
#include <exception>
#include <utility>

#include "fs/base/log.h"
#include "httpd/http/common_headers.h"
#include "httpd/mount/safe_path.h"
#include "httpd/routes/answers.h"
#include "httpd/routes/document.h"
#include "httpd/routes/file_body.h"
#include "httpd/routes/lfs.h"
#include "httpd/routes/pages.h"
#include "httpd/routes/repo_gate.h"
#include "httpd/routes/resolve.h"
#include "httpd/routes/status_of.h"
#include "httpd/routes/tree.h"
#include "httpd/routes/under_way.h"

namespace httpd::routes {

using http::Method;
using http::Response;

namespace {

constexpr std::string_view kReadMethods = "GET, HEAD, OPTIONS";
constexpr std::string_view kAllMethods = "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE";
constexpr std::string_view kPostMethods = "POST, OPTIONS";
constexpr std::string_view kReadAndPostMethods = "GET, HEAD, OPTIONS, POST";

// Questions that are asked with POST and answered here.
bool is_question(const Route& route) {
    return route.kind == Kind::paths_info || route.kind == Kind::lfs_batch;
}

// Whether a method other than GET and HEAD may go to upstream.
bool may_pass(const Settings& settings, const Route& route, Method method) {
    if (!settings.passthrough || method == Method::other) {
        return false;
    }
    if (route.kind != Kind::pass && !route.api) {
        return false;
    }
    return settings.writes || (route.post_reads && method == Method::post);
}

std::string_view allowed_methods(const Settings& settings, const Route& route) {
    if (is_question(route)) {
        return kPostMethods;
    }
    if (may_pass(settings, route, Method::put)) {
        return kAllMethods;
    }
    return may_pass(settings, route, Method::post) ? kReadAndPostMethods : kReadMethods;
}

// RFC 9111 section 5.2.1.7: 504 rather than a question to upstream.
bool only_if_cached(const http::Request& request) {
    return request.headers.lists("Cache-Control", "only-if-cached");
}

Response not_cached(bool json) {
    Response response = message(504, "Not in the cache, and only that was asked for", json);
    response.cache.status = "detail=only-if-cached";
    return response;
}

Response too_late(bool json) {
    Response response = message(504, "The mirror's storage did not answer in time", json);
    response.cache.proxy = "error=proxy_internal_error";
    return response;
}

Outcome dispatch(const Context& context, const http::Request& request, const Route& route,
                 std::string body) {
    switch (route.kind) {
        case Kind::resolve:
        case Kind::raw:
        case Kind::resolve_cache: return resolve(context, request, route);
        case Kind::tree: return tree(context, request, route);
        case Kind::paths_info: {
            Outcome outcome = paths_info(context, request, route, body);
            if (outcome.pass) {
                outcome.pass->body = std::move(body);
            }
            return outcome;
        }
        case Kind::lfs_batch: return lfs_batch(context, request, route, body);
        case Kind::lfs_object: return lfs_object(context, request, route);
        case Kind::document: return document(context, request, route, request.target());
        case Kind::auth_check: {
            auto gate = open_repo(context, request, route, true);
            if (auto* const ended = std::get_if<Outcome>(&gate)) {
                return std::move(*ended);
            }
            return answer(http::plain(200, "OK"));
        }
        case Kind::health: {
            const auto epoch = context.epoch.fresh();
            return answer(epoch ? http::plain(200, "ok\n") : failure_response(ENOTCONN, false));
        }
        default: return repo_document(context, request, route);
    }
}

}  // namespace

struct Site::Call {
    http::Request request;
    http::Reply reply;
    Route route;
    std::string body;         // of a paths-info POST
    std::string cold_key;     // the repository, or the kind of address
    std::uint64_t watch = 0;  // of the watchdog, while it is in a pool
    UnderWay::Joined joined;  // other calls that wait for the same address
};

void Site::handle(http::Request request, http::Reply reply) {
    auto call = std::make_shared<Call>();
    call->request = std::move(request);
    call->reply = std::move(reply);
    call->route = parse_route(call->request.path);  // its views point into the call
    call->cold_key = mount::repo_path(call->route.repo).value_or("api");
    if (answer_here(*call)) {
        return;
    }
    const Route& route = call->route;
    const http::Request& asked = call->request;
    if (asked.method == Method::other && asked.method_text != "TRACE" &&
        asked.method_text != "CONNECT") {
        call->reply(message(501, "Not Implemented", route.api));  // RFC 9110 section 9.1
        return;
    }
    const bool read = asked.get_or_head();
    const bool posted = is_question(route) && asked.method == Method::post;
    if (!read && !posted) {
        if (is_question(route) || !may_pass(context_.settings, route, asked.method)) {
            call->reply(method_not_allowed(allowed_methods(context_.settings, route)));
            return;
        }
        forward(call, PassThrough{}, page_not_found(route.api));
        return;
    }
    if (route.kind == Kind::pass) {
        const bool write = route.write && !context_.settings.writes;
        if (write || !context_.settings.passthrough) {
            call->reply(page_not_found(route.api));
        } else if (only_if_cached(asked)) {
            call->reply(not_cached(route.api));
        } else {
            forward(call, PassThrough{.with_token = true, .filter_json = route.api},
                    page_not_found(route.api));
        }
        return;
    }
    if (posted) {
        with_body(std::move(call));
    } else if (is_question(route)) {
        call->reply(method_not_allowed(kPostMethods));
    } else {
        to_pool(std::move(call));
    }
}

bool Site::answer_here(Call& call) {
    const http::Request& request = call.request;
    if (request.method == Method::options) {
        call.reply(http::preflight(request, allowed_methods(context_.settings, call.route)));
        return true;
    }
    Response response;
    switch (call.route.kind) {
        case Kind::telemetry: response = telemetry(); break;
        case Kind::xet_read_token: response = no_xet(); break;
        case Kind::bad_request: response = message(400, "Invalid address", call.route.api); break;
        case Kind::index:
        case Kind::harnesses:
        case Kind::unknown:
            if (!request.get_or_head()) {
                if (call.route.api) {
                    return false;  // a write, maybe
                }
                response = method_not_allowed(kReadMethods);
            } else if (call.route.kind == Kind::index) {
                response = index_page(base_address(context_.settings, request));
            } else if (call.route.kind == Kind::harnesses) {
                response = harnesses(request, context_.clock.now());
            } else {
                response = page_not_found(call.route.api);
            }
            break;
        default: return false;
    }
    call.reply(std::move(response));
    return true;
}

// Collects the body of a question, piece by piece, up to its limit.
void Site::with_body(std::shared_ptr<Call> call) {
    if (call->request.body_length.value_or(0) > kPathsBodyMax) {
        call->reply(message(413, "Request body too large", true));
        return;
    }
    const auto reader = call->request.body;
    if (reader == nullptr) {
        to_pool(std::move(call));
        return;
    }
    auto piece = [this, call](hubfs::Result<std::string> got) {
        if (!got) {
            call->reply(message(400, "The request body could not be read", true));
            return;
        }
        if (got->empty()) {
            call->request.body.reset();
            to_pool(call);
            return;
        }
        call->body += *got;
        if (call->body.size() > kPathsBodyMax) {
            call->reply(message(413, "Request body too large", true));
            return;
        }
        with_body(call);
    };
    reader->read({std::move(piece), hubfs::fail(hubfs::Code::cancelled, "stopped")});
}

// Whether hubfs should be able to answer without waiting.
bool Site::expected_quick(const Call& call) const {
    const Route& route = call.route;
    const hubfs::Instant now = context_.clock.now();
    const bool by_revision = route.kind != Kind::health && !route.revision.empty();
    if (by_revision && !mount::is_commit(route.revision) && wants_renewal(call.request)) {
        return false;
    }
    switch (route.kind) {
        case Kind::health: return true;
        case Kind::resolve:
        case Kind::raw:
        case Kind::resolve_cache:
        case Kind::paths_info:
        case Kind::tree:
            return context_.known.contains(
                known_key(route.repo, route.revision == "HEAD" ? "main" : route.revision), now);
        case Kind::revision:
            return !wants_renewal(call.request) &&
                   context_.known.contains(
                       document_target(call.request, route, "revision", route.revision, {}), now);
        default:
            return !wants_renewal(call.request) &&
                   context_.known.contains(call.request.target(), now);
    }
}

void Site::to_pool(std::shared_ptr<Call> call) {
    const bool quick = expected_quick(*call);
    if (!quick && only_if_cached(call->request)) {
        call->reply(not_cached(call->route.api));
        return;
    }
    if (!quick) {
        call->joined = context_.under_way.join(call->request.target(), {0, 1});
    }
    auto late = [weak = std::weak_ptr(call)] {
        if (const auto waiting = weak.lock()) {
            const bool health = waiting->route.kind == Kind::health;
            waiting->reply(health ? failure_response(ENOTCONN, false)
                                  : too_late(waiting->route.api));
        }
    };
    call->watch = watchdog_for(call->route.kind).watch(std::move(late));
    mount::IoPool::Job job = [this, call, quick] { run(call, !quick); };
    const bool taken = quick ? context_.pool.quick(job) : context_.pool.cold(call->cold_key, job);
    if (!taken) {
        reply(*call, overloaded(call->route.api));
    }
}

void Site::reply(Call& call, Response response) {
    call.joined.ticket.reset();
    std::string& status = response.cache.status;
    if (call.joined.collapsed && status.starts_with("fwd=uri-miss") &&
        !status.contains("collapsed")) {
        status = "fwd=uri-miss; collapsed";
    }
    if (watchdog_for(call.route.kind).release(call.watch)) {
        call.reply(std::move(response));
    }
}

void Site::run(const std::shared_ptr<Call>& call, bool cold) {
    try {
        finish(call, dispatch(context_, call->request, call->route, std::move(call->body)), cold);
    } catch (const std::exception& e) {
        // Out of memory, or a mistake of ours: this request fails, the thread goes on.
        hubfs::log::error("request_exception", {{"what", e.what()}});
        reply(*call, message(500, "Internal error", call->route.api));
    }
}

void Site::finish(const std::shared_ptr<Call>& call, Outcome outcome, bool cold) {
    const bool asks_upstream =
        outcome.prime != nullptr || (outcome.pass && context_.settings.passthrough);
    if (asks_upstream && only_if_cached(call->request)) {
        reply(*call, not_cached(call->route.api));
        return;
    }
    if (outcome.pass && context_.settings.passthrough) {
        if (watchdog_.release(call->watch)) {  // the forwarder has deadlines of its own
            forward(call, std::move(*outcome.pass), std::move(outcome.response));
        }
        return;
    }
    if (outcome.prime == nullptr) {
        reply(*call, std::move(outcome.response));
        return;
    }
    if (cold) {
        if (const int error = outcome.prime->prime(); error != 0) {
            reply(*call,
                  repo_failure(context_, call->request, call->route, error == ENOENT ? EIO : error)
                      .response);
            return;
        }
        reply(*call, std::move(outcome.response));
        return;
    }
    // Found by the quick pool, but its bytes are not here: on to the cold one.
    const std::string key = outcome.cold_key;
    auto shared = std::make_shared<Outcome>(std::move(outcome));
    mount::IoPool::Job job = [this, call, shared] { finish(call, std::move(*shared), true); };
    if (!context_.pool.cold(key, job)) {
        reply(*call, overloaded(call->route.api));
    }
}

void Site::forward(const std::shared_ptr<Call>& call, PassThrough how, Response otherwise) {
    if (how.then) {
        auto then = std::make_shared<decltype(how.then)>(std::move(how.then));
        auto go_on = [this, call, then](Response response) {
            Outcome next;
            (*then)(std::move(response), &next);
            if (next.pass) {
                forward(call, std::move(*next.pass), std::move(next.response));
            } else {
                call->reply(std::move(next.response));
            }
        };
        http::Request request = how.request ? std::move(*how.request) : call->request;
        forwarder_.forward(http::Forward{.request = std::move(request),
                                         .with_token = how.with_token,
                                         .filter_json = how.filter_json,
                                         .body = std::move(how.body),
                                         .address = std::move(how.address),
                                         .read_whole = how.read_whole},
                           http::Reply(std::move(go_on), http::plain(500, "Internal error\n")));
        return;
    }
    if (how.local_if_failed) {
        auto fallback = std::make_shared<Response>(std::move(otherwise));
        auto choose = [call, fallback](Response response) {
            const bool failed = response.status >= 500 || response.status == 429;
            call->reply(failed ? std::move(*fallback) : std::move(response));
        };
        forwarder_.forward(http::Forward{.request = call->request,
                                         .with_token = how.with_token,
                                         .filter_json = how.filter_json,
                                         .body = std::move(how.body)},
                           http::Reply(std::move(choose), http::plain(500, "Internal error\n")));
        return;
    }
    forwarder_.forward(http::Forward{.request = std::move(call->request),
                                     .with_token = how.with_token,
                                     .filter_json = how.filter_json,
                                     .body = std::move(how.body)},
                       std::move(call->reply));
}

}  // namespace httpd::routes
