// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/facts.h"

#include <algorithm>
#include <array>

#include "fs/hub/json.h"

namespace hubfs::meta {

namespace {

constexpr std::string_view kGatedRepo = "GatedRepo";
constexpr std::string_view kRepoNotFound = "RepoNotFound";
// The Hub's words for refusals that have no code (hub-api 3.1).
constexpr std::string_view kNobody = "Invalid username or password.";
constexpr std::string_view kDisabled = "Access to this resource is disabled.";
constexpr std::string_view kBadRevision = "Invalid rev id";

bool names_revision(const AnswerView& answer) {
    return answer.error_code == "RevisionNotFound" || answer.error_code == "EntryNotFound" ||
           (answer.error_code.empty() && (answer.status == 400 || answer.status == 404) &&
            answer.error_message.starts_with(kBadRevision));
}

// Asked without a token, the Hub's word for missing or private: in the header, or in the form of
// the API's errors (which is what is left where something on the way drops headers).
bool names_nobody(const AnswerView& answer) {
    return answer.status == 401 && answer.error_code.empty() &&
           (answer.error_message == kNobody ||
            (answer.error_message.empty() && answer.body.starts_with('{') &&
             answer.body.find("\"error\"") != std::string_view::npos));
}

// The state that a refusal tells; nothing when it tells none: a status alone may be a gateway's.
std::optional<hub::RepoState> refused_state(const AnswerView& answer) {
    using enum hub::RepoState;
    if (answer.error_code == kGatedRepo) {
        return gated;
    }
    if (answer.error_code == kRepoNotFound || names_nobody(answer)) {
        return gone;
    }
    if (answer.status == 451 || (answer.status == 403 && answer.error_message == kDisabled)) {
        return disabled;
    }
    // In words that we do not know: rather withheld than shown to those who may not see it.
    const bool in_words = !answer.error_message.empty() || !answer.error_code.empty();
    return answer.status == 403 && in_words ? std::optional(private_) : std::nullopt;
}

Error unexplained(int status) {
    return {Code::protocol, "upstream answered " + std::to_string(status) + " and not why"};
}

// "application/json; charset=utf-8", "application/problem+json". One without a type may be.
bool calls_itself_json(std::string_view content_type) {
    std::string type(content_type.substr(0, content_type.find(';')));
    while (type.ends_with(' ') || type.ends_with('\t')) {
        type.pop_back();
    }
    std::ranges::transform(type, type.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return type.empty() || type.ends_with("/json") || type.ends_with("+json");
}

}  // namespace

Result<Facts> facts_of(const Target& target, const AnswerView& answer) {
    Facts facts;
    facts.asked = facts.canonical = target.repo;
    facts.revision = target.revision.empty() ? "main" : target.revision;
    if (answer.status == 200) {
        auto info = hub::parse_info(answer.body);
        if (!info) {
            return std::unexpected(std::move(info.error()));
        }
        if (!valid_repo_id(info->id)) {
            return fail(Code::protocol, "the repository's id is malformed");
        }
        facts.canonical.id = std::move(info->id);
        facts.state = info->state;
        facts.commit = info->sha;
        if (facts.revision == "main") {
            facts.date = info->last_modified;
        }
        return facts;
    }
    if (names_revision(answer) && !target.revision.empty()) {
        facts.no_revision = true;
        return facts;
    }
    // Without a revision in the address it is the repository that was not found.
    facts.state = names_revision(answer) ? hub::RepoState::gone : refused_state(answer);
    if (!facts.state && (answer.status != 400 || !target.query || answer.error_message.empty())) {
        return std::unexpected(unexplained(answer.status));
    }
    return facts;  // without a state: it is the query that was refused
}

bool keepable(int status) {
    // 408, 425 and 429 are about the moment, not about the thing asked for.
    return status == 200 ||
           (status >= 400 && status < 500 && status != 408 && status != 425 && status != 429);
}

Status check_document(const upstream::ApiResponse& response) {
    if (!keepable(response.status)) {
        return fail(Code::protocol, "upstream answered " + std::to_string(response.status));
    }
    if (response.status != 200) {
        const bool explained =
            !response.error_code.empty() || !response.error_message.empty() ||
            (calls_itself_json(response.content_type) && hub::check_json(response.body));
        return explained ? Status{} : std::unexpected(unexplained(response.status));
    }
    if (!calls_itself_json(response.content_type)) {
        return fail(Code::protocol, "upstream answered 200 with what is not JSON");
    }
    return hub::check_json(response.body);
}

bool doubts_repo(const AnswerView& answer) {
    // A 404 that names a revision, or nothing, is about the thing asked for.
    return answer.error_code == kGatedRepo || answer.error_code == kRepoNotFound ||
           answer.status == 401 || answer.status == 403 || answer.status == 410 ||
           answer.status == 451;
}

Error state_error(hub::RepoState state) {
    switch (state) {
        case hub::RepoState::gated: return {Code::gated, "the repository is gated"};
        case hub::RepoState::private_: return {Code::denied, "the repository is private"};
        case hub::RepoState::disabled: return {Code::denied, "the repository is disabled"};
        default: return {Code::not_found, "no such repository"};
    }
}

Error answer_error(const AnswerView& answer) {
    if (names_revision(answer)) {
        return {Code::not_found, "no such revision"};
    }
    const auto state = refused_state(answer);
    return state ? state_error(*state) : unexplained(answer.status);
}

Error inside_error(const AnswerView& answer) {
    // A bare 401 means no such repository: of one that is there it is no answer.
    return names_nobody(answer) ? unexplained(answer.status) : answer_error(answer);
}

bool upstream_failed(Code code) {
    switch (code) {
        case Code::rate_limited:
        case Code::unavailable:
        case Code::protocol:
        case Code::unreachable:
        case Code::timed_out:
        case Code::offline: return true;
        default: return false;
    }
}

std::string proxy_status_word(const Error& error) {
    // Where fs/upstream says the word itself it knows better than the code does.
    static constexpr std::array<std::string_view, 12> kWords = {"dns_error",
                                                                "dns_timeout",
                                                                "connection_refused",
                                                                "connection_timeout",
                                                                "connection_terminated",
                                                                "tls_certificate_error",
                                                                "tls_protocol_error",
                                                                "tls_alert_received",
                                                                "http_response_timeout",
                                                                "http_response_incomplete",
                                                                "http_protocol_error",
                                                                "connection_limit_reached"};
    for (const std::string_view word : kWords) {
        if (error.message.find(word) != std::string::npos) {
            return std::string(word);
        }
    }
    switch (error.code) {
        case Code::unreachable: return "connection_refused";
        case Code::timed_out: return "http_response_timeout";
        case Code::protocol: return "http_protocol_error";
        case Code::rate_limited: return "http_request_denied";
        case Code::unavailable:
        case Code::offline: return "destination_unavailable";
        default: return "proxy_internal_error";
    }
}

}  // namespace hubfs::meta
