// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/tree.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include "fs/contract.h"
#include "httpd/http/json.h"
#include "httpd/http/link.h"
#include "httpd/http/target.h"
#include "httpd/mount/safe_path.h"
#include "httpd/routes/answers.h"
#include "httpd/routes/document.h"
#include "httpd/routes/repo_gate.h"
#include "httpd/routes/status_of.h"
#include "httpd/routes/tree_cursor.h"
#include "httpd/routes/tree_lines.h"

namespace httpd::routes {

namespace contract = hubfs::contract;
using http::Request;

namespace {

constexpr std::size_t kPageMax = 1000;  // the Hub's

std::size_t page_size(const http::Parameters& parameters) {
    const std::string* const text = http::find_parameter(parameters, "limit");
    std::size_t limit = kPageMax;
    if (text != nullptr) {
        std::from_chars(text->data(), text->data() + text->size(), limit);
    }
    return std::clamp<std::size_t>(limit, 1, kPageMax);
}

struct Located {
    Revision revision;
    std::string path;
};

// Cuts revision and path apart by asking which revision exists.
std::variant<Located, Outcome> locate(const Context& context, const Request& request,
                                      const Route& route, const OpenRepo& repo) {
    for (Division& division : divisions(route)) {
        auto found = find_revision(context, request, route, repo, division.revision);
        if (auto* const ended = std::get_if<Outcome>(&found)) {
            return std::move(*ended);
        }
        if (auto& revision = std::get<std::optional<Revision>>(found)) {
            return Located{std::move(*revision), std::move(division.path)};
        }
    }
    return missing_revision(context, request, route, route.revision);
}

// The commit's .trees file.
std::variant<mount::OpenFile, Outcome> open_tree(const Context& context, const Request& request,
                                                 const Route& route, const OpenRepo& repo,
                                                 Revision& revision) {
    const auto path = mount::tree_path(route.repo, revision.commit);
    auto file =
        path ? context.reader.open(*path) : mount::Got<mount::OpenFile>(std::unexpected(ENOENT));
    if (file) {
        settle(context, request, route.repo, repo, revision);
        return std::move(*file);
    }
    if (file.error() == ENOENT) {
        if (const auto epoch = context.epoch.fresh(); !epoch) {
            return answer(failure_response(ENOTCONN, true));
        }
        return missing_revision(context, request, route, revision.name);
    }
    return repo_failure(context, request, route, file.error());
}

void note(Outcome& outcome, const Context& context, const Revision& revision) {
    const hubfs::Instant now = context.clock.now();
    outcome.response.cache = mount::cache_note(revision.cache, revision.fresh, now);
}

// "a//b/" and "/a/b" are "a/b" to the Hub's clients.
std::string tidy(std::string_view path) {
    std::string out(path);
    while (out.ends_with('/')) {
        out.pop_back();
    }
    out.erase(0, std::min(out.find_first_not_of('/'), out.size()));
    return out;
}

Outcome page_answer(const Context& context, const Request& request, const Revision& revision,
                    const TreePage& page, bool recursive) {
    const hubfs::Instant now = context.clock.now();
    Outcome outcome = answer(json_response(request, json_array(page.entries), now));
    http::Headers& headers = outcome.response.headers;
    headers.add("Cache-Control", cache_control(revision, now));
    if (page.more) {
        const std::string cursor = to_text(TreeCursor{recursive, revision.commit, page.next});
        headers.add("Link",
                    http::next_link_to(base_address(context.settings, request) + request.path +
                                       "?" + with_cursor(request.query, cursor)));
    }
    note(outcome, context, revision);
    return outcome;
}

}  // namespace

Outcome tree(const Context& context, const Request& request, const Route& route) {
    auto gate = open_repo(context, request, route, true);
    if (auto* const ended = std::get_if<Outcome>(&gate)) {
        return std::move(*ended);
    }
    auto place = locate(context, request, route, std::get<OpenRepo>(gate));
    if (auto* const ended = std::get_if<Outcome>(&place)) {
        return std::move(*ended);
    }
    auto& [revision, raw_path] = std::get<Located>(place);
    const std::string path = tidy(raw_path);
    const auto parameters = http::parse_query(request.query);
    if (http::flag_parameter(parameters, "expand")) {
        return document(context, request, route,
                        document_target(request, route, "tree", revision.name, path));
    }
    const bool recursive = http::flag_parameter(parameters, "recursive");
    TreeCursor cursor{recursive, revision.commit, 0};
    if (const std::string* const text = http::find_parameter(parameters, "cursor")) {
        const auto given = parse_cursor(*text);
        if (!given || given->recursive != recursive) {
            return answer(message(400, "Invalid cursor", true));
        }
        cursor = *given;
        revision.commit = cursor.commit;  // later pages belong to the first one's commit
    }
    auto opened = open_tree(context, request, route, std::get<OpenRepo>(gate), revision);
    if (auto* const ended = std::get_if<Outcome>(&opened)) {
        return std::move(*ended);
    }
    const auto& file = std::get<mount::OpenFile>(opened);
    const std::size_t most = page_size(parameters);
    const auto page = recursive ? list_recursive(file, path, cursor.next, most)
                                : list_directory(file, path, cursor.next, most);
    if (!page) {
        return cursor.next > 0 && page.error() == EPROTO
                   ? answer(message(400, "Invalid cursor", true))
                   : repo_failure(context, request, route, page.error());
    }
    if (!page->exists) {
        Outcome outcome = answer(entry_not_found(revision.commit, true));
        note(outcome, context, revision);
        return outcome;
    }
    return page_answer(context, request, revision, *page, recursive);
}

Outcome paths_info(const Context& context, const Request& request, const Route& route,
                   const std::string& body) {
    const bool json = http::istarts_with(request.headers.get("Content-Type"), "application/json");
    auto asked = json ? http::parse_paths_json(body) : std::optional(http::parse_paths_form(body));
    if (!asked) {
        return answer(message(400, "Invalid paths", true));
    }
    if (asked->paths.size() > kPathsMax) {
        return answer(message(413, "Too many paths: at most 2000", true));
    }
    auto gate = open_repo(context, request, route, true);
    if (auto* const ended = std::get_if<Outcome>(&gate)) {
        return std::move(*ended);
    }
    auto found = find_revision(context, request, route, std::get<OpenRepo>(gate), route.revision);
    if (auto* const ended = std::get_if<Outcome>(&found)) {
        return std::move(*ended);
    }
    auto& revision = std::get<std::optional<Revision>>(found);
    if (!revision) {
        return missing_revision(context, request, route, route.revision);
    }
    auto opened = open_tree(context, request, route, std::get<OpenRepo>(gate), *revision);
    if (auto* const ended = std::get_if<Outcome>(&opened)) {
        return std::move(*ended);
    }
    for (std::string& path : asked->paths) {
        path = tidy(path);
    }
    const auto entries = find_paths(std::get<mount::OpenFile>(opened), asked->paths);
    if (!entries) {
        return repo_failure(context, request, route, entries.error());
    }
    Outcome outcome = answer(json_response(request, json_array(*entries), context.clock.now()));
    note(outcome, context, *revision);
    if (asked->expand) {
        // The last commit of each file is only known upstream; without it the answer is still good.
        outcome.pass =
            PassThrough{.with_token = false, .filter_json = true, .local_if_failed = true};
    }
    return outcome;
}

}  // namespace httpd::routes
