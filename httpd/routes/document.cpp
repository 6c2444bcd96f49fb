// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/document.h"

#include <cerrno>
#include <charconv>
#include <utility>

#include "fs/base/hash.h"
#include "fs/base/percent.h"
#include "fs/contract.h"
#include "httpd/http/conditional.h"
#include "httpd/http/json_filter.h"
#include "httpd/http/link.h"
#include "httpd/mount/safe_path.h"
#include "httpd/routes/answers.h"
#include "httpd/routes/repo_gate.h"
#include "httpd/routes/status_of.h"

namespace httpd::routes {

namespace contract = hubfs::contract;
using http::Request;
using http::Response;

namespace {

// hubfs keeps no longer one.
constexpr std::uint64_t kDocumentBytesMax = 64ULL << 20;

struct Document {
    int status = 200;
    std::string content_type, etag, link, total_count, error_code, error_message, body;
    mount::Freshness fresh;
};

// Body and attributes of one open file: they belong to the same version.
mount::Got<Document> read_document(const mount::OpenFile& file) {
    const auto text = [&](std::string_view name) {
        const auto value = file.attribute(name);
        return value && *value ? **value : std::string();
    };
    Document document;
    const std::string status = text(contract::kXattrStatus);
    std::from_chars(status.data(), status.data() + status.size(), document.status);
    document.content_type = text(contract::kXattrContentType);
    document.etag = text(contract::kXattrEtag);
    document.link = text(contract::kXattrLink);
    document.total_count = text(contract::kXattrTotalCount);
    document.error_code = text(contract::kXattrErrorCode);
    document.error_message = text(contract::kXattrErrorMessage);
    document.fresh.checked = hubfs::instant_from(text(contract::kXattrChecked));
    document.fresh.expires = hubfs::instant_from(text(contract::kXattrExpires));
    document.fresh.how = mount::how_from(text(contract::kXattrHow)).value_or(mount::How::fetched);
    if (file.size() > kDocumentBytesMax || document.status < 200 || document.status > 499) {
        return std::unexpected(EPROTO);
    }
    auto body = file.read(0, static_cast<std::size_t>(file.size()));
    if (!body) {
        return std::unexpected(body.error());
    }
    if (body->size() != file.size()) {
        return std::unexpected(EIO);
    }
    document.body = std::move(*body);
    return document;
}

mount::Got<mount::OpenFile> open_document(const Context& context, const std::string& target,
                                          bool renewed) {
    const auto path = mount::document_path(target, renewed);
    auto file =
        path ? context.reader.open(*path) : mount::Got<mount::OpenFile>(std::unexpected(ENOENT));
    if (renewed && !file && file.error() == ENOENT) {  // a mount that cannot renew
        return open_document(context, target, false);
    }
    return file;
}

bool is_json(std::string_view content_type) {
    return http::istarts_with(content_type, "application/json");
}

// Takes Xet out; false when the body is no JSON although it says so.
bool hide_xet(Document& document) {
    if (!is_json(document.content_type) || document.body.empty()) {
        return true;
    }
    auto filtered = http::remove_members(document.body, "xetHash");
    if (!filtered) {
        return false;
    }
    if (filtered->changed) {
        document.body = std::move(filtered->text);
        document.etag = hubfs::weak_api_etag(document.body);
    }
    return true;
}

// 304 or 412 instead of the body (RFC 9110 section 13.2.2).
bool ended_by_condition(const Request& request, const std::string& etag, hubfs::Instant now,
                        Response& response) {
    switch (http::evaluate(request.headers, {etag}, true, now)) {
        case http::Verdict::proceed: return false;
        case http::Verdict::not_modified: response.status = 304; break;
        case http::Verdict::precondition_failed: response.status = 412; break;
    }
    return true;
}

Response to_response(const Context& context, const Request& request, Document document) {
    const hubfs::Instant now = context.clock.now();
    Response response;
    response.status = document.status;
    http::Headers& headers = response.headers;
    headers.add("Content-Type", document.content_type.empty() ? "application/json; charset=utf-8"
                                                              : document.content_type);
    const std::string etag =
        document.etag.empty() ? hubfs::weak_api_etag(document.body) : document.etag;
    headers.add("ETag", etag);
    headers.add("Cache-Control",
                document.status == 200 ? cache_control(document.fresh, now) : "no-store");
    if (!document.error_code.empty()) {
        headers.add("X-Error-Code", document.error_code);
    } else if (document.status == 401) {
        headers.add("X-Error-Code", "RepoNotFound");  // a bare 401 is not understood on plain http
    }
    if (!document.error_message.empty()) {
        headers.add("X-Error-Message", document.error_message);
    }
    if (!document.total_count.empty()) {
        headers.add("X-Total-Count", document.total_count);
    }
    if (const auto next = http::next_link(document.link, base_address(context.settings, request),
                                          request.target())) {
        headers.add("Link", *next);
    }
    response.cache = mount::cache_note(mount::cache_result(document.fresh, request.started),
                                       document.fresh, now, document.status);
    if (document.status == 200 && ended_by_condition(request, etag, now, response)) {
        return response;
    }
    response.text = std::move(document.body);
    return response;
}

}  // namespace

std::string document_target(const Request& request, const Route& route, std::string_view verb,
                            std::string_view revision, std::string_view path) {
    std::string target =
        "/api/" + std::string(hubfs::plural(route.repo.type)) + "/" + route.repo.id;
    if (!verb.empty()) {
        target += "/" + std::string(verb) + "/" + hubfs::percent_encode(revision);
    }
    if (!path.empty()) {
        target += "/" + hubfs::percent_encode(path, "/");
    }
    return request.query.empty() ? target : target + "?" + request.query;
}

Response json_response(const Request& request, std::string body, hubfs::Instant now) {
    Response response;
    const std::string etag = hubfs::weak_api_etag(body);
    response.headers.add("Content-Type", "application/json; charset=utf-8");
    response.headers.add("ETag", etag);
    if (request.get_or_head() && ended_by_condition(request, etag, now, response)) {
        return response;
    }
    response.text = std::move(body);
    return response;
}

Outcome document(const Context& context, const Request& request, const Route& route,
                 const std::string& target) {
    if (const auto epoch = context.epoch.current(); !epoch) {
        return answer(failure_response(ENOTCONN, true));
    }
    auto file = open_document(context, target, wants_renewal(request));
    const int error = file ? 0 : file.error();
    if (error == ENOENT || error == ENAMETOOLONG) {
        // No public answer that may be kept: upstream answers it, for whoever asks.
        if (const auto epoch = context.epoch.fresh(); !epoch) {
            return answer(failure_response(ENOTCONN, true));
        }
        Outcome outcome = answer(page_not_found(true));
        outcome.pass = PassThrough{.with_token = true, .filter_json = true};
        return outcome;
    }
    if (!file && route.repo.id.empty() && error == EACCES) {
        Outcome outcome =
            answer(message(403, "Access to this resource is not possible here", true));
        outcome.pass = PassThrough{.with_token = true, .filter_json = true};
        return outcome;
    }
    if (!file) {
        return route.repo.id.empty() ? answer(failure_response(error, true))
                                     : repo_failure(context, request, route, error);
    }
    auto content = read_document(*file);
    if (!content) {
        return answer(failure_response(content.error(), true));
    }
    if (!hide_xet(*content)) {
        return answer(failure_response(EPROTO, true));
    }
    if (content->fresh.expires) {
        context.known.remember(target, *content->fresh.expires, context.clock.now());
    }
    return answer(to_response(context, request, std::move(*content)));
}

Outcome repo_document(const Context& context, const Request& request, const Route& route) {
    auto gate = open_repo(context, request, route, true);
    if (auto* const ended = std::get_if<Outcome>(&gate)) {
        return std::move(*ended);
    }
    switch (route.kind) {
        case Kind::info:
            return document(context, request, route, document_target(request, route, {}, {}, {}));
        case Kind::revision: {
            const std::string name = route.revision == "HEAD" ? "main" : route.revision;
            return document(context, request, route,
                            document_target(request, route, "revision", name, {}));
        }
        case Kind::commits: {
            // huggingface.js leaves the slashes of refs/pr/1 as they are.
            std::string name = route.revision == "HEAD" ? "main" : route.revision;
            name += route.path.empty() ? "" : "/" + route.path;
            return document(context, request, route,
                            document_target(request, route, "commits", name, {}));
        }
        default: break;
    }
    return document(context, request, route, request.target());
}

}  // namespace httpd::routes
