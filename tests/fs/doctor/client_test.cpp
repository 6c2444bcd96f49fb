// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "tests/fs/doctor/fake_mirror.h"

namespace hubfs::doctor {
namespace {

using namespace testing;
using upstream::OneAnswer;
using upstream::OneRequest;

const ClientPlan kPlan{*upstream::parse_url("http://mirror:8080"), {RepoType::model, "a/b"}};

std::set<std::string> failing(const Findings& findings) {
    std::set<std::string> names;
    for (const Finding& finding : findings) {
        if (finding.verdict == Verdict::fail) {
            names.insert(finding.check);
            EXPECT_FALSE(finding.advice.empty()) << finding.check;
        }
    }
    return names;
}

std::set<std::string> failing_with(const FakeMirror::Spoil& spoil) {
    FakeMirror mirror;
    mirror.spoil = spoil;
    const auto findings = check_client(kPlan, mirror);
    EXPECT_TRUE(findings.has_value());
    return failing(findings.value_or(Findings{}));
}

bool asks(const OneRequest& request, std::string_view part) {
    return request.url.target.find(part) != std::string::npos;
}

bool has_header(const OneRequest& request, std::string_view start) {
    return std::ranges::any_of(request.headers,
                               [&](const auto& line) { return line.starts_with(start); });
}

TEST(Client, AHealthyMirrorPassesEveryCheck) {
    const auto findings = check_client(kPlan, FakeMirror{});
    ASSERT_TRUE(findings.has_value());
    EXPECT_GE(findings->size(), 14U);
    EXPECT_EQ(failing(*findings), std::set<std::string>{});
}

TEST(Client, AMirrorBelowAPathPassesToo) {
    ClientPlan plan = kPlan;
    plan.mirror = *upstream::parse_url("http://mirror:8080/hub/");
    FakeMirror inside;
    const Ask ask = [&](OneRequest request) {
        EXPECT_TRUE(request.url.target.starts_with("/hub/")) << request.url.target;
        request.url.target.erase(0, 4);
        auto answer = inside(request);
        const std::string link = answer->head.joined("link");
        if (!link.empty()) {
            set(*answer, "link", "<http://mirror:8080/hub" + link.substr(19));
        }
        return answer;
    };
    const auto findings = check_client(plan, ask);
    ASSERT_TRUE(findings.has_value());
    EXPECT_EQ(failing(*findings), std::set<std::string>{});
}

TEST(Client, NobodyThereIsAnErrorAndNoListOfFailures) {
    for (const Code code : {Code::unreachable, Code::protocol}) {
        const Ask ask = [code](const OneRequest&) -> Result<OneAnswer> {
            return fail(code, "mirror: no");
        };
        const auto findings = check_client(kPlan, ask);
        ASSERT_FALSE(findings.has_value());
        EXPECT_EQ(findings.error().message, "mirror: no");
    }
}

TEST(Client, AMirrorThatIsTooSlowFailsItsChecks) {
    const Ask ask = [](const OneRequest&) -> Result<OneAnswer> {
        return fail(Code::timed_out, "mirror: too slow");
    };
    const auto findings = check_client(kPlan, ask);
    ASSERT_TRUE(findings.has_value());
    EXPECT_TRUE(failing(*findings).contains("small file"));
    EXPECT_NE(findings->front().advice.find("stream while fetching"), std::string::npos);
}

struct Defect {
    const char* what;
    FakeMirror::Spoil spoil;
    std::set<std::string> failing;
};

void each_fails_alone(const std::vector<Defect>& defects) {
    for (const Defect& defect : defects) {
        EXPECT_EQ(failing_with(defect.spoil), defect.failing) << defect.what;
    }
}

void without(OneAnswer& answer, const char* name) {
    set(answer, name, "");
}

TEST(Client, EachDefectOfFilesFailsItsCheckAndNoOther) {
    each_fails_alone({
        {"no X-Repo-Commit on files",
         [](const auto& request, auto& answer) {
             if (asks(request, ".json") && answer.head.status != 404) {
                 without(answer, "x-repo-commit");
             }
         },
         {"small file", "head", "range"}},
        {"no length of HEAD",
         [](const auto& request, auto& answer) {
             if (request.method == "HEAD") {
                 without(answer, "content-length");
             }
         },
         {"head"}},
        {"compressed HEAD",
         [](const auto& request, auto& answer) {
             if (request.method == "HEAD") {
                 set(answer, "content-encoding", "br");
             }
         },
         {"head"}},
        {"the CDN's ETag for LFS files",
         [](const auto& request, auto& answer) {
             if (asks(request, "model.bin") && answer.head.status != 416) {
                 set(answer, "etag", "\"" + std::string(64, 'f') + "\"");
             }
         },
         {"head", "range"}},
        {"one wrong byte",
         [](const auto& request, auto& answer) {
             if (asks(request, "config.json") && !answer.body.empty()) {
                 answer.body.back() ^= 1;
             }
         },
         {"small file"}},
        {"ranges ignored",
         [](const auto& request, auto& answer) {
             if (has_header(request, "Range:")) {
                 answer.head.status = 200;
             }
         },
         {"range"}},
    });
}

TEST(Client, EachDefectOfErrorsAndTokensFailsItsCheckAndNoOther) {
    each_fails_alone({
        {"missing files without a code",
         [](const auto& request, auto& answer) {
             if (asks(request, "no-such-file")) {
                 without(answer, "x-error-code");
             }
         },
         {"missing file"}},
        {"missing files without a commit",
         [](const auto& request, auto& answer) {
             if (asks(request, "no-such-file")) {
                 without(answer, "x-repo-commit");
             }
         },
         {"missing file"}},
        {"the Hub's bare 401",
         [](const auto& request, auto& answer) {
             if (asks(request, "no-such-repository")) {
                 without(answer, "x-error-code");
             }
         },
         {"missing repo"}},
        {"a token is looked at",
         [](const auto& request, auto& answer) {
             if (has_header(request, "Authorization:") && !asks(request, "whoami")) {
                 answer.head.status = 401;
             }
         },
         {"wrong token"}},
        {"accounts are not passed through",
         [](const auto& request, auto& answer) {
             if (asks(request, "whoami")) {
                 answer.head.status = 404;
             }
         },
         {"whoami"}},
    });
}

TEST(Client, EachWayPastTheMirrorFailsItsCheckAndNoOther) {
    each_fails_alone({
        {"next page at the Hub",
         [](const auto&, auto& answer) {
             if (answer.head.has("link")) {
                 set(answer, "link", "<https://hub/api/models/a/b/tree/main?c=x>; rel=\"next\"");
             }
         },
         {"pages"}},
        {"no next page", [](const auto&, auto& answer) { without(answer, "link"); }, {"pages"}},
        {"the first page for ever",
         [](const auto& request, auto& answer) {
             if (asks(request, "cursor=")) {
                 answer.body = R"([{"type":"file","oid":")" + std::string(40, 'd') +
                               R"(","size":1,"path":"config.json"}])";
             }
         },
         {"pages"}},
        {"sent to the CDN",
         [](const auto& request, auto& answer) {
             if (asks(request, "model.bin")) {
                 answer.head.status = 302;
                 set(answer, "location", "https://cdn/x?Signature=y");
             }
         },
         {"head", "range", "redirects"}},
        {"Xet shown in a header",
         [](const auto& request, auto& answer) {
             if (asks(request, "model.bin")) {
                 set(answer, "x-xet-hash", std::string(64, '1'));
             }
         },
         {"xet"}},
        {"Xet shown in a listing",
         [](const auto& request, auto& answer) {
             if (asks(request, "expand=false") && !asks(request, "limit")) {
                 const std::size_t at = answer.body.find(",\"path\":\"sub/model.bin\"");
                 answer.body.insert(at, R"(,"xetHash":")" + std::string(64, '2') + "\"");
             }
         },
         {"xet"}},
        {"no X-Cache", [](const auto&, auto& answer) { without(answer, "x-cache"); }, {"x-cache"}},
        {"another cache's word",
         [](const auto&, auto& answer) { set(answer, "x-cache", "Hit from cloudfront"); },
         {"x-cache"}},
        {"no CORS on errors",
         [](const auto&, auto& answer) {
             if (answer.head.status >= 400) {
                 without(answer, "access-control-allow-origin");
             }
         },
         {"browser"}},
        {"a list of harnesses",
         [](const auto& request, auto& answer) {
             if (asks(request, "agent-harnesses")) {
                 answer.head.status = 200;
                 answer.body = "[]";
             }
         },
         {"agent harness"}},
    });
}

TEST(Client, AStoppedUpstreamIsNamed) {
    FakeMirror mirror;
    mirror.spoil = [](const OneRequest&, OneAnswer& answer) { answer.head.status = 504; };
    const auto findings = check_client(kPlan, mirror);
    ASSERT_TRUE(findings.has_value());
    EXPECT_NE(findings->front().advice.find("gets no answer from the Hub"), std::string::npos)
        << findings->front().advice;
}

TEST(Client, PlainFilesAreNotTakenForAMirror) {
    const Ask ask = [](const OneRequest& request) {
        OneAnswer answer;
        const bool there = asks(request, "config.json");
        answer.head.status = there ? 200 : 404;
        answer.body = there ? "{}" : "<html>404</html>";
        set(answer, "content-length", std::to_string(answer.body.size()));
        set(answer, "etag", "\"65a1-2\"");
        return Result<OneAnswer>(answer);
    };
    const auto findings = check_client(kPlan, ask);
    ASSERT_TRUE(findings.has_value());
    EXPECT_NE(findings->front().advice.find("no Hub answers under this address"),
              std::string::npos);
    for (const char* const name : {"listing", "small file", "head", "missing file", "x-cache"}) {
        EXPECT_TRUE(failing(*findings).contains(name)) << name;
    }
}

TEST(Client, SendsTheCallersTokenToWhoamiAlone) {
    ClientPlan plan = kPlan;
    plan.token = "hf_mine";
    std::vector<std::string> with_token;
    FakeMirror mirror;
    const Ask ask = [&](const OneRequest& request) {
        if (has_header(request, "Authorization: Bearer hf_mine")) {
            with_token.push_back(request.url.target);
        }
        auto answer = mirror(request);
        if (asks(request, "whoami")) {
            answer->head.status = 200;
        }
        return answer;
    };
    const auto findings = check_client(plan, ask);
    ASSERT_TRUE(findings.has_value());
    EXPECT_EQ(failing(*findings), std::set<std::string>{});
    EXPECT_EQ(with_token, std::vector<std::string>{"/api/whoami-v2"});
}

TEST(Client, ReadsRepositoryNames) {
    EXPECT_EQ(repo_from("a/b"), (RepoKey{RepoType::model, "a/b"}));
    EXPECT_EQ(repo_from("gpt2"), (RepoKey{RepoType::model, "gpt2"}));
    EXPECT_EQ(repo_from("datasets/a/b"), (RepoKey{RepoType::dataset, "a/b"}));
    for (const char* const wrong : {"", "a/b/c", "../x", "a b/c", "datasets/", "spaces/a/b"}) {
        EXPECT_FALSE(repo_from(wrong).has_value()) << wrong;
    }
}

}  // namespace
}  // namespace hubfs::doctor
