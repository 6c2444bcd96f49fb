// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/facts.h"

#include <gtest/gtest.h>

#include "tests/fs/meta/meta_fixture.h"

namespace hubfs::meta {
namespace {

using hub::RepoState;

TEST(Facts, RefusalsSayWhatTheyMean) {
    struct Row {
        const char* name;
        int status;
        const char* code;
        const char* message;
        std::optional<RepoState> state;
        bool no_revision;
    };
    const Row rows[] = {
        {"missing or private", 401, "", "Invalid username or password.", RepoState::gone, false},
        {"missing", 404, "RepoNotFound", "Repository not found", RepoState::gone, false},
        {"revision missing", 404, "RevisionNotFound", "Invalid rev id: x", std::nullopt, true},
        {"name refused", 400, "", "Invalid rev id", std::nullopt, true},
        {"gated", 401, "GatedRepo", "Access to model a/b is restricted.", RepoState::gated, false},
        {"gated, known caller", 403, "GatedRepo", "awaiting a review", RepoState::gated, false},
        {"disabled", 403, "", "Access to this resource is disabled.", RepoState::disabled, false},
        {"forbidden in other words", 403, "", "something else", RepoState::private_, false},
        {"for legal reasons", 451, "", "", RepoState::disabled, false},
    };
    const auto target = parse_target("/api/models/a/b/revision/x");
    ASSERT_TRUE(target);
    for (const Row& row : rows) {
        const auto facts = facts_of(*target, {row.status, row.code, row.message, ""});
        ASSERT_TRUE(facts) << row.name;
        EXPECT_EQ(facts->state, row.state) << row.name;
        EXPECT_EQ(facts->no_revision, row.no_revision) << row.name;
        EXPECT_FALSE(facts->commit) << row.name;
    }
}

TEST(Facts, ARefusalInNobodysWordsIsNoFact) {
    struct Row {
        int status;
        const char* code;
        const char* message;
        const char* body;
    };
    const Row rows[] = {
        {400, "", "", ""},
        {400, "", "", "<html>Bad Request</html>"},
        {400, "", "Invalid query", ""},
        {401, "", "", ""},
        {401, "", "Please log in to the network", ""},
        {401, "", "", "<html>Invalid username or password.</html>"},
        {401, "", "Invalid credentials in Authorization header", ""},
        {403, "", "", "<html>Forbidden</html>"},
        {404, "", "", ""},
        {404, "", "", "<html>404</html>"},
        {404, "", "Sorry, we can't find the page you are looking for.", ""},
        {404, "NotOfTheHub", "", ""},
        {410, "", "", ""},
        {416, "", "", ""},
    };
    for (const char* asked : {"/api/models/a/b/revision/x", "/api/models/a/b"}) {
        const auto target = parse_target(asked);
        ASSERT_TRUE(target);
        for (const Row& row : rows) {
            const auto facts = facts_of(*target, {row.status, row.code, row.message, row.body});
            ASSERT_FALSE(facts) << asked << " " << row.status << row.message << row.body;
            EXPECT_EQ(facts.error().code, Code::protocol);
        }
    }
    // What drops headers leaves the body.
    for (const char* const body :
         {R"({"error":"Invalid username or password."})", R"({"error":"Unauthorized"})"}) {
        const auto said = facts_of(*parse_target("/api/models/a/b"), {401, "", "", body});
        ASSERT_TRUE(said) << body;
        EXPECT_EQ(said->state, RepoState::gone);
    }
    // A refused query says nothing of the repository.
    const auto query =
        facts_of(*parse_target("/api/models/a/b?blobs=x"), {400, "", "Invalid query", ""});
    ASSERT_TRUE(query);
    EXPECT_FALSE(query->state || query->no_revision);
}

TEST(Facts, InsideOfARepositoryTheBareRefusalIsNoAnswer) {
    const AnswerView bare{401, "", "Invalid username or password.", ""};
    EXPECT_EQ(answer_error(bare).code, Code::not_found);
    EXPECT_EQ(inside_error(bare).code, Code::protocol);
    EXPECT_EQ(inside_error({404, "RepoNotFound", "", ""}).code, Code::not_found);
    EXPECT_EQ(inside_error({404, "RevisionNotFound", "", ""}).code, Code::not_found);
    EXPECT_EQ(inside_error({401, "GatedRepo", "", ""}).code, Code::gated);
    EXPECT_EQ(inside_error({404, "", "", ""}).code, Code::protocol);
}

TEST(Facts, TheStateComesFromTheRepositorysOwnAnswer) {
    struct Row {
        const char* flags;
        RepoState state;
    };
    const Row rows[] = {
        {R"("private":false,"gated":false)", RepoState::open},
        {R"("private":false,"gated":"auto")", RepoState::gated},
        {R"("private":false,"gated":"manual")", RepoState::gated},
        {R"("private":true,"gated":false)", RepoState::private_},
    };
    const auto target = parse_target("/api/models/a/b");
    for (const Row& row : rows) {
        const auto facts =
            facts_of(*target, {200, "", "", test::info_body("A/b", test::kSha, row.flags)});
        ASSERT_TRUE(facts) << facts.error().message;
        EXPECT_EQ(facts->state, row.state) << row.flags;
        EXPECT_EQ(facts->canonical.id, "A/b");
        EXPECT_EQ(facts->revision, "main");
        EXPECT_EQ(facts->commit, test::commit_id());
        EXPECT_TRUE(facts->date);
    }
}

TEST(Facts, TheDateIsTheCommitsOnlyForMain) {
    const auto target = parse_target("/api/models/a/b/revision/v1.0");
    const auto facts = facts_of(*target, {200, "", "", test::info_body("a/b")});
    ASSERT_TRUE(facts);
    EXPECT_TRUE(facts->commit);
    EXPECT_FALSE(facts->date);
}

TEST(Facts, ABrokenAnswerIsNoFact) {
    const auto target = parse_target("/api/models/a/b");
    for (const std::string& body : {std::string("{"), std::string("[]"), std::string("{\"id\":7}"),
                                    test::info_body("../etc"), test::info_body("a/b/c")}) {
        const auto facts = facts_of(*target, {200, "", "", body});
        ASSERT_FALSE(facts) << body;
        EXPECT_EQ(facts.error().code, Code::protocol);
    }
}

TEST(Facts, OnlyAnswersAreKept) {
    for (const int status : {200, 400, 401, 403, 404, 410, 451}) {
        EXPECT_TRUE(keepable(status)) << status;
    }
    for (const int status : {0, 204, 206, 301, 307, 304, 408, 425, 429, 500, 503}) {
        EXPECT_FALSE(keepable(status)) << status;
    }
}

TEST(Facts, AWholeDocumentIsJsonByNameAndByContent) {
    struct Row {
        const char* type;
        const char* body;
        bool kept;
    };
    const Row rows[] = {
        {"application/json; charset=utf-8", "[]", true},
        {"Application/JSON ;charset=utf-8", "{}", true},
        {"application/problem+json", "7", true},
        {"", "[]", true},
        {"text/html", "[]", false},
        {"text/html; charset=utf-8", "<html>portal</html>", false},
        {"application/jsonp", "[]", false},
        {"application/json", "", false},
        {"application/json", "<html>portal</html>", false},
        {"application/json", "{\"a\":", false},
        {"", "", false},
    };
    for (const Row& row : rows) {
        upstream::ApiResponse response;
        response.status = 200;
        response.content_type = row.type;
        response.body = row.body;
        const Status checked = check_document(response);
        ASSERT_EQ(checked.has_value(), row.kept) << row.type << " " << row.body;
        if (!checked) {
            EXPECT_EQ(checked.error().code, Code::protocol);
        }
    }
}

TEST(Facts, ARefusalIsKeptOnlyWithAReason) {
    struct Row {
        const char* code;
        const char* message;
        const char* type;
        const char* body;
        bool kept;
    };
    const Row rows[] = {
        {"EntryNotFound", "", "", "", true},
        {"", "Sorry, we can't find the page you are looking for.", "text/html", "<html>", true},
        {"", "", "application/json", R"({"error":"Invalid cursor"})", true},
        {"", "", "", "", false},
        {"", "", "text/html", "<html>gateway</html>", false},
        {"", "", "application/json", "<html>gateway</html>", false},
    };
    for (const Row& row : rows) {
        upstream::ApiResponse response;
        response.status = 404;
        response.error_code = row.code;
        response.error_message = row.message;
        response.content_type = row.type;
        response.body = row.body;
        EXPECT_EQ(check_document(response).has_value(), row.kept) << row.type << row.body;
    }
}

TEST(Facts, FailuresHaveProxyStatusWords) {
    struct Row {
        Code code;
        const char* message;
        const char* word;
    };
    const Row rows[] = {
        {Code::unreachable, "dns_error: no such host", "dns_error"},
        {Code::unreachable, "could not connect", "connection_refused"},
        {Code::timed_out, "deadline", "http_response_timeout"},
        {Code::timed_out, "connection_timeout", "connection_timeout"},
        {Code::protocol, "tls_certificate_error: expired", "tls_certificate_error"},
        {Code::protocol, "not JSON", "http_protocol_error"},
        {Code::unavailable, "503", "destination_unavailable"},
        {Code::rate_limited, "429", "http_request_denied"},
        {Code::no_space, "disk full", "proxy_internal_error"},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(proxy_status_word({row.code, row.message}), row.word) << row.message;
    }
}

}  // namespace
}  // namespace hubfs::meta
