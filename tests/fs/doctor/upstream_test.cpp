// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/upstream.h"

#include <gtest/gtest.h>

#include "tests/fs/doctor/fake_mirror.h"

namespace hubfs::doctor {
namespace {

using testing::FakeMirror;
using testing::set;
using upstream::OneAnswer;
using upstream::OneRequest;

constexpr const char* kFacts = R"({"facts":[
 {"name":"listing","method":"GET","target":"/api/models/{repo}/tree/main?x","status":200,
  "headers":{"content-type!":"^application/json"},
  "body":[{"type!":"text","oid!":"hex40","size!":"count","path!":"text","lfs?":"object"}]},
 {"name":"file","method":"GET","target":"/{repo}/resolve/main/{small}","status":200,
  "headers":{"etag!":"etag40"}},
 {"name":"lfs","method":"HEAD","target":"/{repo}/resolve/main/{lfs}","status":302,
  "headers":{"location!":"url"}},
 {"name":"content","method":"GET","target":"{location}","range":"bytes=0-9","status":206},
 {"name":"gated","optional":true,"method":"GET","target":"/gated","status":401}]})";

// A Hub: the mirror, but for LFS files, which it sends to a CDN.
struct FakeHub {
    FakeMirror mirror;
    std::vector<std::string> asked;

    Result<OneAnswer> operator()(const OneRequest& request) {
        asked.push_back(request.method + " " + request.url.to_text());
        OneAnswer answer;
        if (request.url.host == "cdn") {
            answer.head.status = 206;
        } else if (request.url.target == "/gated") {
            answer.head.status = 401;
        } else if (request.url.target.ends_with("model.bin")) {
            answer.head.status = 302;
            set(answer, "location", "https://cdn/x?Signature=y");
        } else {
            return mirror(request);
        }
        return answer;
    }
};

UpstreamPlan plan_with(const std::vector<std::string>& hosts) {
    return {*upstream::parse_url("http://mirror:8080"),
            {RepoType::model, "a/b"},
            *upstream::HostList::parse(hosts)};
}

std::string text_of(const Findings& findings) {
    std::string text;
    for (const Finding& finding : findings) {
        text += to_text(finding, "to do");
    }
    return text;
}

Findings found(FakeHub& hub, const std::vector<std::string>& hosts = {"cdn"}) {
    const auto facts = parse_facts(kFacts);
    const auto findings = check_upstream(plan_with(hosts), facts.value(), std::ref(hub));
    return findings.value();
}

TEST(Upstream, AHubAsRecordedPasses) {
    FakeHub hub;
    const auto findings = found(hub);
    EXPECT_FALSE(any_failed(findings)) << text_of(findings);
    EXPECT_EQ(findings.size(), 5U) << text_of(findings);
    EXPECT_EQ(hub.asked, (std::vector<std::string>{
                             "GET http://mirror:8080/api/models/a/b/tree/main?x",
                             "GET http://mirror:8080/a/b/resolve/main/config.json",
                             "HEAD http://mirror:8080/a/b/resolve/main/sub/model.bin",
                             "GET https://cdn/x?Signature=y", "GET http://mirror:8080/gated"}));
}

TEST(Upstream, AMissingFieldThatIsNeededFailsAndIsNamed) {
    FakeHub hub;
    hub.mirror.spoil = [](const OneRequest& request, OneAnswer& answer) {
        if (request.url.target.ends_with("config.json")) {
            set(answer, "etag", "");
        }
    };
    const auto findings = found(hub);
    EXPECT_TRUE(any_failed(findings));
    EXPECT_NE(text_of(findings).find("header etag: recorded etag40, found nothing"),
              std::string::npos)
        << text_of(findings);
}

TEST(Upstream, ANewFieldIsOnlyANote) {
    FakeHub hub;
    hub.mirror.spoil = [](const OneRequest& request, OneAnswer& answer) {
        if (request.url.target.ends_with("?x")) {
            answer.body.insert(2, R"("brandNew":1,)");
        }
    };
    const auto findings = found(hub);
    EXPECT_FALSE(any_failed(findings)) << text_of(findings);
    EXPECT_NE(text_of(findings).find("[0].brandNew was not recorded: 1"), std::string::npos)
        << text_of(findings);
}

TEST(Upstream, AHostOfContentThatIsNotAllowedFails) {
    FakeHub hub;
    const auto findings = found(hub, {"other"});
    EXPECT_TRUE(any_failed(findings));
    EXPECT_NE(text_of(findings).find("add \"cdn\" to upstream.content_hosts"), std::string::npos)
        << text_of(findings);
    EXPECT_EQ(text_of(findings).find("Signature"), std::string::npos);
}

TEST(Upstream, AGatedRepositoryThatIsGoneIsOnlyANote) {
    Fact fact{.name = "gated", .method = "GET", .target = "/x", .status = 401, .optional = true};
    OneAnswer answer;
    answer.head.status = 404;
    EXPECT_EQ(judge(fact, answer).front().verdict, Verdict::note);
    fact.optional = false;
    EXPECT_EQ(judge(fact, answer).front().verdict, Verdict::fail);
}

TEST(Upstream, WhatIsNoJsonFails) {
    Fact fact{.name = "x", .method = "GET", .target = "/x"};
    fact.body = boost::json::value("object");
    OneAnswer answer;
    answer.head.status = 200;
    for (const char* const body : {"", "<html>", "{", "[[[", "{}x"}) {
        answer.body = body;
        EXPECT_EQ(judge(fact, answer).front().verdict, Verdict::fail) << body;
    }
    answer.body = "{}";
    EXPECT_EQ(judge(fact, answer).front().verdict, Verdict::pass);
    answer.cut = true;
    EXPECT_EQ(judge(fact, answer).front().verdict, Verdict::fail);
}

TEST(Upstream, NobodyThereIsAnError) {
    const auto facts = parse_facts(kFacts);
    const Ask ask = [](const OneRequest&) -> Result<OneAnswer> {
        return fail(Code::unreachable, "hub: no");
    };
    EXPECT_FALSE(check_upstream(plan_with({}), facts.value(), ask).has_value());
}

}  // namespace
}  // namespace hubfs::doctor
