// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/answers.h"

#include <gtest/gtest.h>

namespace httpd::routes {
namespace {

const hubfs::RepoKey kRepo{hubfs::RepoType::model, "acme/tiny"};

TEST(Answers, errors_are_the_hubs_words) {
    struct Row {
        http::Response response;
        int status;
        std::string_view code, message;
    };
    const Row rows[] = {
        {repo_not_found(false, true), 401, "RepoNotFound", "Invalid username or password."},
        {repo_not_found(true, true), 404, "RepoNotFound", "Repository not found"},
        {revision_not_found("nope", true), 404, "RevisionNotFound", "Invalid rev id: nope"},
        {revision_not_found("a\r\nb", true), 404, "RevisionNotFound", "Invalid rev id: a??b"},
        {entry_not_found("c", true), 404, "EntryNotFound", "Entry not found"},
        {repo_closed(kRepo, Closed::gated, false, true), 401, "GatedRepo",
         "Access to model acme/tiny is restricted. You must have access to it and be "
         "authenticated to access it. Please log in."},
        {repo_closed(kRepo, Closed::disabled, false, true), 403, "",
         "Access to this resource is disabled."},
        {repo_closed(kRepo, Closed::private_, false, true), 401, "RepoNotFound",
         "Invalid username or password."},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(row.response.status, row.status) << row.message;
        EXPECT_EQ(row.response.headers.get("X-Error-Code"), row.code) << row.message;
        EXPECT_EQ(row.response.headers.get("X-Error-Message"), row.message);
        EXPECT_EQ(row.response.text, "{\"error\":\"" + std::string(row.message) + "\"}");
        EXPECT_EQ(row.response.headers.has("WWW-Authenticate"), row.status == 401);
    }
    EXPECT_EQ(repo_closed(kRepo, Closed::gated, true, true).status, 403);
}

TEST(Answers, an_absent_entry_is_15_bytes_of_text_with_its_commit) {
    const http::Response response = entry_not_found("abc", false);
    EXPECT_EQ(response.text, "Entry not found");
    EXPECT_EQ(response.headers.get("X-Repo-Commit"), "abc");
    EXPECT_EQ(response.headers.get("Content-Type"), "text/plain; charset=utf-8");
}

TEST(Answers, a_redirect_has_the_hubs_body_and_no_validators) {
    const http::Response response = moved_to("/api/models/a/b");
    EXPECT_EQ(response.status, 307);
    EXPECT_EQ(response.text, "Temporary Redirect. Redirecting to /api/models/a/b");
    EXPECT_FALSE(response.headers.has("ETag"));
}

}  // namespace
}  // namespace httpd::routes
