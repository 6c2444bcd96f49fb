// SPDX-License-Identifier: Apache-2.0
// Refusals that are not the Hub's own words: failures of upstream, never an absence.
#include <vector>

#include "tests/fs/meta/meta_fixture.h"

namespace hubfs::meta::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

upstream::ApiResponse refusal(int status, const std::string& body = {}) {
    upstream::ApiResponse response;
    response.status = status;
    response.content_type = body.empty() ? "" : "text/html";
    response.body = body;
    return response;
}

const std::vector<upstream::ApiResponse> kBare = {refusal(400),
                                                  refusal(401),
                                                  refusal(403),
                                                  refusal(404),
                                                  refusal(404, "<html>bad gateway</html>"),
                                                  refusal(410)};

class CatalogRefusals : public CatalogTest {
protected:
    // What a reader sees of a failure to get content.
    Code seen(Code code) {
        Answer<RepoView> answer;
        catalog_->explain_failure(
            model("a/b"), {code, "content"},
            [done = answer.done()](Error why) mutable { done(std::unexpected(std::move(why))); });
        return answer.get().error().code;
    }
};

TEST_F(CatalogRefusals, ABareStatusOfARepositoryOrRevisionIsAFailureAndNotKept) {
    for (const auto& bare : kBare) {
        for (const char* path :
             {"/api/models/a/b/revision/main", "/api/models/a/b/revision/v1", "/api/models/a/b"}) {
            source_.set_api(path, bare);
        }
        EXPECT_EQ(repo("a/b").error().code, Code::protocol) << bare.status;
        EXPECT_EQ(ref("a/b").error().code, Code::protocol) << bare.status;
        EXPECT_EQ(ref("a/b", "v1").error().code, Code::protocol) << bare.status;
        EXPECT_EQ(document("/api/models/a/b").error().code, Code::protocol) << bare.status;
        forget_failures();
    }
    EXPECT_NE(catalog_->stats_json().find("\"documents\":0"), std::string::npos);
    EXPECT_FALSE(catalog_->known_repo(model("a/b")));
}

TEST_F(CatalogRefusals, WhatIsKnownIsServedInTheirPlace) {
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    ASSERT_TRUE(ref("a/b"));
    for (const auto& bare : kBare) {
        source_.set_api(revision_path("a/b"), bare);
        clock_.advance(hours(2));
        const auto view = repo("a/b");
        ASSERT_TRUE(view) << bare.status << view.error().message;
        EXPECT_EQ(view->state, hub::RepoState::open);
        EXPECT_EQ(view->fresh.how, How::stale);
        EXPECT_EQ(view->last_error, "http_protocol_error");
        const auto main = ref("a/b");
        ASSERT_TRUE(main) << bare.status;
        EXPECT_EQ(main->commit, commit_id());
        EXPECT_TRUE(document(revision_path("a/b")));
    }
    EXPECT_TRUE(states().empty());
}

TEST_F(CatalogRefusals, ABareStatusOfATreeIsAFailureAndTheStateIsAskedForAgain) {
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    ASSERT_TRUE(ref("a/b"));
    auto said = refusal(401);
    said.error_message = "Invalid username or password.";
    auto all = kBare;
    all.push_back(said);
    for (const auto& bare : all) {
        source_.set_api(tree_path("a/b"), bare);
        source_.reset_counts();
        EXPECT_EQ(commit("a/b").error().code, Code::protocol) << bare.status;
        EXPECT_EQ(commit("a/b").error().code, Code::protocol) << bare.status;
        EXPECT_EQ(source_.api_count(revision_path("a/b")), 1U) << bare.status;
        forget_failures();
    }
    EXPECT_TRUE(states().empty());
    source_.set_json(tree_path("a/b"), "[" + tree_file("x") + "]");
    EXPECT_TRUE(commit("a/b"));
}

TEST_F(CatalogRefusals, ATreeRefusedByARepositoryThatIsGoneIsAbsent) {
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    ASSERT_TRUE(ref("a/b"));
    source_.set_missing(tree_path("a/b"), "", 401);
    source_.set_missing(revision_path("a/b"), "", 401);
    EXPECT_EQ(commit("a/b").error().code, Code::not_found);
    EXPECT_EQ(catalog_->known_repo(model("a/b"))->state, hub::RepoState::gone);
}

TEST_F(CatalogRefusals, ATreeRefusedWhileTheStateCannotBeAskedForHasThatFailure) {
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    ASSERT_TRUE(ref("a/b"));
    source_.set_api(tree_path("a/b"), refusal(404));
    source_.set_api(revision_path("a/b"), Error{Code::unavailable, "503"});
    EXPECT_EQ(commit("a/b").error().code, Code::unavailable);
}

TEST_F(CatalogRefusals, RefusedContentOfAPublicRepositoryIsAFailureAndTheStateIsAskedForOnce) {
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    ASSERT_TRUE(ref("a/b"));
    source_.reset_counts();
    EXPECT_EQ(seen(Code::denied), Code::protocol);
    EXPECT_EQ(catalog_->known_repo(model("a/b"))->last_error, "http_protocol_error");
    EXPECT_EQ(seen(Code::gated), Code::protocol);
    EXPECT_EQ(source_.api_count(), 1U);
    forget_failures();
    EXPECT_EQ(seen(Code::denied), Code::protocol);
    EXPECT_EQ(source_.api_count(), 2U);
    // Another failure asks nobody.
    forget_failures();
    EXPECT_EQ(seen(Code::unavailable), Code::unavailable);
    EXPECT_EQ(source_.api_count(), 2U);
}

TEST_F(CatalogRefusals, RefusedContentHasTheErrorOfTheStateThatUpstreamTells) {
    struct Row {
        const char* flags;
        Code code;
    };
    for (const Row& row : {Row{R"("private":false,"gated":"auto")", Code::gated},
                           Row{R"("private":true,"gated":false)", Code::denied}}) {
        source_.set_json(revision_path("a/b"), info_body("a/b"));
        clock_.advance(hours(2));
        ASSERT_TRUE(ref("a/b"));
        source_.set_json(revision_path("a/b"), info_body("a/b", kSha, row.flags));
        EXPECT_EQ(seen(Code::denied), row.code);
        source_.reset_counts();
        EXPECT_EQ(seen(Code::denied), row.code);
        EXPECT_EQ(source_.api_count(), 0U);
    }
    source_.set_missing(revision_path("a/b"), "", 401);
    forget_failures();
    EXPECT_EQ(seen(Code::denied), Code::not_found);
}

TEST_F(CatalogRefusals, RefusedContentWhileTheStateCannotBeAskedForHasThatFailure) {
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    ASSERT_TRUE(ref("a/b"));
    source_.set_api(revision_path("a/b"), Error{Code::unavailable, "503"});
    EXPECT_EQ(seen(Code::denied), Code::unavailable);
    EXPECT_EQ(seen(Code::denied), Code::protocol);  // known as public, and lately asked for
}

TEST_F(CatalogRefusals, ABareStatusOfADocumentIsAFailureAndTheOldOneIsServed) {
    const std::string commits = "/api/models/a/b/commits/main";
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    source_.set_json(commits, "[1]");
    ASSERT_TRUE(document(commits));
    for (const auto& bare : kBare) {
        clock_.advance(minutes(6));
        source_.set_api(commits, bare);
        const auto old = document(commits);
        ASSERT_TRUE(old) << bare.status;
        EXPECT_EQ((*old)->body, "[1]") << bare.status;
    }
}

}  // namespace
}  // namespace hubfs::meta::test
