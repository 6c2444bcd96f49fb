// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/answers.h"

#include "fs/base/hash.h"
#include "httpd/http/json_filter.h"

namespace httpd::routes {

using http::Response;

namespace {

constexpr std::string_view kAuthenticate =
    "Bearer realm=\"Authentication required\", charset=\"UTF-8\"";
constexpr std::string_view kNoPage = "Sorry, we can't find the page you are looking for.";

Response with_code(Response response, std::string_view code) {
    response.headers.add("X-Error-Code", code);
    if (response.status == 401) {
        response.headers.add("WWW-Authenticate", kAuthenticate);
    }
    return response;
}

}  // namespace

Response message(int status, std::string_view text, bool json) {
    Response response;
    response.status = status;
    response.headers.add("Content-Type",
                         json ? "application/json; charset=utf-8" : "text/plain; charset=utf-8");
    response.headers.add("X-Error-Message", text);
    response.headers.add("Cache-Control", "no-store");
    response.text = json ? "{\"error\":" + http::json_string(text) + "}" : std::string(text);
    response.headers.add("ETag", hubfs::weak_api_etag(response.text));
    return response;
}

Response repo_not_found(bool with_token, bool json) {
    return with_code(with_token ? message(404, "Repository not found", json)
                                : message(401, "Invalid username or password.", json),
                     "RepoNotFound");
}

Response revision_not_found(std::string_view revision, bool json) {
    std::string shown;  // it comes from the request: nothing that cannot stand in a header
    for (const char c : revision) {
        shown += c >= 0x20 && c < 0x7f ? c : '?';
    }
    return with_code(message(404, "Invalid rev id: " + shown, json), "RevisionNotFound");
}

Response entry_not_found(std::string_view commit, bool json) {
    Response response = with_code(message(404, "Entry not found", json), "EntryNotFound");
    if (!commit.empty()) {
        response.headers.add("X-Repo-Commit", commit);
    }
    return response;
}

Response repo_closed(const hubfs::RepoKey& repo, Closed why, bool with_token, bool json) {
    const std::string what =
        (repo.type == hubfs::RepoType::model ? "model " : "dataset ") + repo.id;
    switch (why) {
        case Closed::private_: return repo_not_found(with_token, json);
        case Closed::disabled: return message(403, "Access to this resource is disabled.", json);
        case Closed::gated: break;
    }
    if (with_token) {
        return with_code(message(403,
                                 "Access to " + what +
                                     " is restricted and this mirror does not pass requests to "
                                     "the Hub. Ask the Hub itself.",
                                 json),
                         "GatedRepo");
    }
    return with_code(message(401,
                             "Access to " + what +
                                 " is restricted. You must have access to it and be authenticated "
                                 "to access it. Please log in.",
                             json),
                     "GatedRepo");
}

Response moved_to(std::string_view location) {
    Response response;
    response.status = 307;
    response.headers.add("Location", location);
    response.headers.add("Content-Type", "text/plain; charset=utf-8");
    response.headers.add("Cache-Control", "no-cache");
    response.text = "Temporary Redirect. Redirecting to " + std::string(location);
    return response;
}

Response method_not_allowed(std::string_view allowed) {
    Response response = http::plain(405, "Method not allowed\n");
    response.headers.add("Allow", allowed);
    return response;
}

Response page_not_found(bool json) {
    Response response = message(404, kNoPage, json);
    if (!json) {
        response.headers.set("Content-Type", "text/html; charset=utf-8");
        response.headers.remove("ETag");
        response.text =
            "<!doctype html><html lang=en><meta charset=utf-8><title>404</title>"
            "<h1>404</h1><p>" +
            std::string(kNoPage) +
            "</p><p><a href=\"/\">This is a mirror "
            "of the Hugging Face Hub.</a></p>";
    }
    return response;
}

}  // namespace httpd::routes
