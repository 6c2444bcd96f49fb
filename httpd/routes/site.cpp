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
#include "httpd/routes/pages.h"
#include "httpd/routes/repo_gate.h"
#include "httpd/routes/resolve.h"
#include "httpd/routes/status_of.h"
#include "httpd/routes/tree.h"

namespace httpd::routes {

using http::Method;
using http::Response;

namespace {

constexpr std::string_view kReadMethods = "GET, HEAD, OPTIONS";
constexpr std::string_view kAllMethods = "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE";

// Reads that are asked with POST: git, LFS and searches by body.
bool reads_by_post(const Route& route) {
    return route.kind == Kind::pass && !route.api && !route.write;
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
    std::string body;      // of a paths-info POST
    std::string cold_key;  // the repository, or the kind of address
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
    const bool read = asked.get_or_head();
    const bool post_paths = route.kind == Kind::paths_info && asked.method == Method::post;
    if (!read && !post_paths) {
        const bool allowed = context_.settings.passthrough &&
                             (context_.settings.writes || reads_by_post(route)) &&
                             (route.api || route.kind == Kind::pass);
        if (!allowed || asked.method == Method::other) {
            call->reply(method_not_allowed(route.kind == Kind::paths_info ? "POST, OPTIONS"
                                                                          : kReadMethods));
            return;
        }
        forward(call, PassThrough{}, page_not_found(route.api));
        return;
    }
    if (route.kind == Kind::pass) {
        const bool write = route.write && !context_.settings.writes;
        if (write || !context_.settings.passthrough) {
            call->reply(page_not_found(route.api));
        } else {
            forward(call, PassThrough{.with_token = true, .filter_json = route.api},
                    page_not_found(route.api));
        }
        return;
    }
    if (post_paths) {
        with_body(std::move(call));
    } else if (route.kind == Kind::paths_info) {
        call->reply(method_not_allowed("POST, OPTIONS"));
    } else {
        to_pool(std::move(call));
    }
}

bool Site::answer_here(Call& call) {
    const http::Request& request = call.request;
    if (request.method == Method::options) {
        call.reply(http::preflight(request, kAllMethods));
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

// Collects the body of a paths-info request, piece by piece, up to its limit.
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
            return context_.known.contains(
                document_target(call.request, route, "revision", route.revision, {}), now);
        default: return context_.known.contains(call.request.target(), now);
    }
}

void Site::to_pool(std::shared_ptr<Call> call) {
    const bool quick = expected_quick(*call);
    mount::IoPool::Job job = [this, call, quick] { run(call, !quick); };
    const bool taken = quick ? context_.pool.quick(job) : context_.pool.cold(call->cold_key, job);
    if (!taken) {
        call->reply(overloaded(call->route.api));
    }
}

void Site::run(const std::shared_ptr<Call>& call, bool cold) {
    try {
        finish(call, dispatch(context_, call->request, call->route, std::move(call->body)), cold);
    } catch (const std::exception& e) {
        // Out of memory, or a mistake of ours: this request fails, the thread goes on.
        hubfs::log::error("request_exception", {{"what", e.what()}});
        call->reply(message(500, "Internal error", call->route.api));
    }
}

void Site::finish(const std::shared_ptr<Call>& call, Outcome outcome, bool cold) {
    if (outcome.pass && context_.settings.passthrough) {
        forward(call, std::move(*outcome.pass), std::move(outcome.response));
        return;
    }
    if (outcome.prime == nullptr) {
        call->reply(std::move(outcome.response));
        return;
    }
    if (cold) {
        if (const int error = outcome.prime->prime(); error != 0) {
            call->reply(
                repo_failure(context_, call->request, call->route, error == ENOENT ? EIO : error)
                    .response);
            return;
        }
        call->reply(std::move(outcome.response));
        return;
    }
    // Found by the quick pool, but its bytes are not here: on to the cold one.
    const std::string key = outcome.cold_key;
    auto shared = std::make_shared<Outcome>(std::move(outcome));
    mount::IoPool::Job job = [this, call, shared] { finish(call, std::move(*shared), true); };
    if (!context_.pool.cold(key, job)) {
        call->reply(overloaded(call->route.api));
    }
}

void Site::forward(const std::shared_ptr<Call>& call, PassThrough how, Response otherwise) {
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
