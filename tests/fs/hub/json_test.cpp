// SPDX-License-Identifier: Apache-2.0
#include "fs/hub/json.h"

#include <gtest/gtest.h>

#include "fs/base/hash.h"
#include "tests/fs/hub/recorded.h"

namespace hubfs::hub {
namespace {

constexpr std::string_view kSha = "5bb9fc53add422c252f7351a8e28c438cb98ea21";

Code code_of_info(const std::string& body) {
    const auto info = parse_info(body);
    return info ? Code::io : info.error().code;
}

std::string with_gates(std::string_view members) {
    return R"({"id":"a/b")" + std::string(members.empty() ? "" : ",") + std::string(members) + "}";
}

TEST(Info, the_recorded_answer_gives_id_state_commit_and_date) {
    ASSERT_EQ(weak_api_etag(recorded::kTinyInfo), recorded::kTinyInfoEtag);
    const auto info = parse_info(recorded::kTinyInfo);
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->id, "OwnerOfTheGatedModel/tiny-gated-model");
    EXPECT_EQ(info->state, RepoState::gated);
    ASSERT_TRUE(info->sha);
    EXPECT_EQ(info->sha->hex(), kSha);
    ASSERT_TRUE(info->last_modified);
    EXPECT_EQ(to_text(*info->last_modified), "2026-10-06T13:24:38.000000Z");
}

TEST(Info, the_strictest_of_disabled_private_and_gated_wins) {
    const struct {
        std::string_view members;
        RepoState state;
    } rows[] = {
        {"", RepoState::open},
        {R"("private":false,"gated":false,"disabled":false)", RepoState::open},
        {R"("gated":null)", RepoState::open},
        {R"("gated":"auto")", RepoState::gated},
        {R"("gated":"manual")", RepoState::gated},
        {R"("gated":true)", RepoState::gated},
        {R"("gated":"something new")", RepoState::gated},
        {R"("private":true)", RepoState::private_},
        {R"("private":true,"gated":"auto")", RepoState::private_},
        {R"("disabled":true)", RepoState::disabled},
        {R"("disabled":true,"private":true,"gated":true)", RepoState::disabled},
    };
    for (const auto& row : rows) {
        const auto info = parse_info(with_gates(row.members));
        ASSERT_TRUE(info) << row.members << ": " << info.error().message;
        EXPECT_EQ(info->state, row.state) << row.members;
    }
}

TEST(Info, an_answer_that_breaks_the_rules_is_a_protocol_error) {
    const std::string bodies[] = {
        "",
        "null",
        "[]",
        "{",
        R"({"id":"a/b"} x)",
        R"({})",
        R"({"id":7})",
        R"({"id":"../b"})",
        R"({"id":"a/b/c"})",
        R"({"id":"a/b","private":"no"})",
        R"({"id":"a/b","disabled":0})",
        R"({"id":"a/b","gated":1})",
        R"({"id":"a/b","gated":{}})",
        R"({"id":"a/b","sha":"5bb9"})",
        R"({"id":"a/b","sha":"5BB9fc53add422c252f7351a8e28c438cb98ea21"})",
        R"({"id":"a/b","lastModified":"yesterday"})",
        R"({"id":"a/b","id":"a/c"})",
        R"({"id":"a/b","cardData":{"x":1,"x":2}})",
        "{\"id\":\"a/b\",\"author\":\"\xff\"}",
        R"({"id":"a/b","author":"\ud800"})",
        R"({"id":"a/b","x":)" + std::string(100000, '[') + "}",
    };
    for (const std::string& body : bodies) {
        EXPECT_EQ(code_of_info(body), Code::protocol) << body.substr(0, 80);
    }
}

TEST(Info, equal_keys_in_different_objects_are_no_duplicates) {
    EXPECT_TRUE(parse_info(R"({"id":"a/b","l":[{"id":1},{"id":2}],"o":{"id":{"id":3}}})"));
}

TEST(Refs, every_kind_has_the_name_that_addresses_use) {
    const std::string c(kSha);
    const auto refs = parse_refs(
        R"({"tags":[{"name":"v1.0","ref":"refs/tags/v1.0","targetCommit":")" + c +
        R"("}],"branches":[{"name":"main","ref":"refs/heads/main","targetCommit":")" + c +
        R"("},{"name":"a/b","ref":"refs/heads/a/b","targetCommit":")" + c +
        R"("}],"converts":[{"name":"parquet","ref":"refs/convert/parquet","targetCommit":")" + c +
        R"("}],"pullRequests":[{"name":"1","ref":"refs/pr/1","targetCommit":")" + c + R"("}]})");
    ASSERT_TRUE(refs) << refs.error().message;
    std::vector<std::pair<Ref::Kind, std::string>> got;
    for (const Ref& ref : *refs) {
        EXPECT_EQ(ref.commit.hex(), kSha);
        got.emplace_back(ref.kind, ref.name);
    }
    const std::vector<std::pair<Ref::Kind, std::string>> want = {
        {Ref::Kind::branch, "main"},
        {Ref::Kind::branch, "a/b"},
        {Ref::Kind::tag, "v1.0"},
        {Ref::Kind::convert, "refs/convert/parquet"},
        {Ref::Kind::pull_request, "refs/pr/1"}};
    EXPECT_EQ(got, want);
}

std::string one_branch(std::string_view name, std::string_view commit = kSha) {
    return R"({"branches":[{"name":")" + std::string(name) + R"(","targetCommit":")" +
           std::string(commit) + R"("}]})";
}

TEST(Refs, names_that_git_refuses_are_protocol_errors) {
    for (const std::string_view name :
         {"",    "..", "a..b",  "/a",     "a/",       "a//b", ".a",      "a/.b",     "a b",
          "a~1", "a^", "a:b",   "a?",     "a*",       "a[",   "a.lock",  "a.lock/b", "a.",
          "-a",  "@",  "a@{0}", "a\\\\b", "a\\u0000", "a\\n", "a\\u007f"}) {
        const auto refs = parse_refs(one_branch(name));
        ASSERT_FALSE(refs) << name;
        EXPECT_EQ(refs.error().code, Code::protocol) << name;
    }
}

TEST(Refs, wrong_shapes_commits_and_duplicates_are_protocol_errors) {
    const std::string twice = R"({"name":"x","targetCommit":")" + std::string(kSha) + R"("})";
    for (const std::string& body :
         {std::string("[]"), std::string("{}"), std::string(R"({"branches":{}})"),
          std::string(R"({"branches":[1]})"), std::string(R"({"branches":[],"tags":"no"})"),
          one_branch("main", "main"), one_branch("main", std::string(40, 'G')),
          R"({"branches":[)" + twice + "," + twice + "]}",
          R"({"branches":[],"converts":[{"ref":"refs/heads/x","targetCommit":")" +
              std::string(kSha) + R"("}]})"}) {
        const auto refs = parse_refs(body);
        ASSERT_FALSE(refs) << body;
        EXPECT_EQ(refs.error().code, Code::protocol) << body;
    }
}

TEST(Refs, a_name_that_is_no_directory_entry_is_left_out) {
    const auto longest = parse_refs(one_branch(std::string(255, 'x')));
    ASSERT_TRUE(longest);
    EXPECT_EQ(longest->size(), 1U);
    // Each slash takes three bytes in a directory entry.
    const auto slash = parse_refs(one_branch(std::string(252, 'x') + "/y"));
    ASSERT_TRUE(slash);
    EXPECT_TRUE(slash->empty());
}

TEST(Commits, the_date_of_the_first_commit_is_the_answer) {
    const auto commit = CommitId::from_hex("607a30d783dfa663caf39e06633721c8d4cfcd7e");
    ASSERT_TRUE(commit);
    const auto date = parse_commit_date(recorded::kCommits, *commit);
    ASSERT_TRUE(date) << date.error().message;
    EXPECT_EQ(to_text(*date), "2024-02-19T10:57:45.000000Z");
}

TEST(Commits, another_commit_or_a_broken_page_is_a_protocol_error) {
    const auto commit = CommitId::from_hex(kSha);
    ASSERT_TRUE(commit);
    const std::string id(kSha);
    for (const std::string& body :
         {std::string(recorded::kCommits), std::string("[]"), std::string("{}"), std::string("[7]"),
          R"([{"id":")" + id + R"("}])", R"([{"id":")" + id + R"(","date":"2024"}])",
          std::string(R"([{"date":"2024-02-19T10:57:45.000Z"}])")}) {
        const auto date = parse_commit_date(body, *commit);
        ASSERT_FALSE(date) << body;
        EXPECT_EQ(date.error().code, Code::protocol) << body;
    }
}

TEST(Json, one_value_is_json_and_nothing_else_is) {
    for (const char* body : {"{}", "[]", " [1, {\"a\": null}]\n", "7", "null", R"("text")"}) {
        EXPECT_TRUE(check_json(body)) << body;
    }
    const std::string deep(100000, '[');
    for (const std::string& body :
         {std::string(), std::string(" \n"), std::string("<html>portal</html>"), std::string("{"),
          std::string("{\"a\":"), std::string("[] []"), std::string("[NaN]"), std::string("[1,]"),
          std::string("\xef\xbb\xbf[]"), std::string("[\"\xff\"]"), deep}) {
        const auto checked = check_json(body);
        ASSERT_FALSE(checked) << body.substr(0, 20);
        EXPECT_EQ(checked.error().code, Code::protocol);
    }
}

}  // namespace
}  // namespace hubfs::hub
