// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/one_request.h"

#include <gtest/gtest.h>

#include "tests/fs/upstream/client_fixture.h"

namespace hubfs::upstream {
namespace {

using namespace testing;

OneRequest to(const TinyHttp& server, const char* target) {
    OneRequest request;
    request.url = *parse_url(server.url() + target);
    return request;
}

const AskerConfig kDirect{.proxy = ""};

TEST(OneRequest, ARedirectIsAnAnswer) {
    TinyHttp server([](const TinyRequest&) { return redirect_to("/elsewhere"); });
    auto request = to(server, "/x?y");
    request.headers = {"X-Mine: 1"};
    const auto answer = ask_once(kDirect, request);
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->head.status, 302);
    EXPECT_EQ(answer->head.single("location"), "/elsewhere");
    EXPECT_EQ(server.count(), 1U);
    EXPECT_EQ(server.requests().front().target, "/x?y");
    EXPECT_EQ(server.requests().front().header("x-mine"), "1");
}

TEST(OneRequest, HeadHasNoBodyAndItsOwnMethod) {
    TinyHttp server([](const TinyRequest& request) {
        TinyReply reply;
        reply.length = 5;
        reply.body = request.method == "HEAD" ? "" : "12345";
        return reply;
    });
    auto request = to(server, "/");
    request.method = "HEAD";
    const auto answer = ask_once(kDirect, request);
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->head.single("content-length"), "5");
    EXPECT_EQ(answer->body, "");
    EXPECT_EQ(server.requests().front().method, "HEAD");
}

TEST(OneRequest, ALongBodyIsCutAndSaysSo) {
    TinyHttp server([](const TinyRequest&) {
        TinyReply reply;
        reply.body = std::string(100000, 'x');
        return reply;
    });
    auto request = to(server, "/");
    request.body_max_bytes = 1000;
    const auto answer = ask_once(kDirect, request);
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_TRUE(answer->cut);
    EXPECT_EQ(answer->body.size(), 1000U);
    EXPECT_EQ(answer->head.status, 200);
}

TEST(OneRequest, ABodyThatEndsEarlyIsAFailure) {
    TinyHttp server([](const TinyRequest&) {
        TinyReply reply;
        reply.body = "12345";
        reply.length = 10;
        reply.cut_after = 5;
        return reply;
    });
    const auto answer = ask_once(kDirect, to(server, "/"));
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, Code::unavailable);
}

TEST(OneRequest, NobodyThereIsUnreachable) {
    OneRequest request;
    request.url = *parse_url("http://127.0.0.1:1/");
    const auto answer = ask_once(kDirect, request);
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, Code::unreachable);
}

TEST(OneRequest, SilenceEndsAtTheDeadline) {
    TinyHttp server([](const TinyRequest&) {
        TinyReply reply;
        reply.hold = true;
        return reply;
    });
    AskerConfig config = kDirect;
    config.deadline = std::chrono::milliseconds(100);
    const auto answer = ask_once(config, to(server, "/"));
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, Code::timed_out);
    server.release();
}

}  // namespace
}  // namespace hubfs::upstream
