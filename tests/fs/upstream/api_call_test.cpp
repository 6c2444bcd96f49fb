// SPDX-License-Identifier: Apache-2.0
// API questions through HubClient against a server on this machine.
#include "fs/upstream/api_call.h"

#include <gtest/gtest.h>

#include <atomic>

#include "tests/fs/upstream/client_fixture.h"

namespace hubfs::upstream {
namespace {

using namespace testing;

Code failure_of(const Result<ApiResponse>& answer) {
    return answer ? Code::corrupt : answer.error().code;
}

TEST(ApiCalls, an_answer_comes_with_its_fields_and_body) {
    TinyHttp hub([](const TinyRequest&) {
        TinyReply reply;
        reply.headers = {{"Content-Type", "application/json; charset=utf-8"},
                         {"ETag", "W/\"2cd-x\""},
                         {"Link", "<https://h/a?cursor=1>; rel=\"next\""}};
        reply.body = R"({"id":"a/b"})";
        return reply;
    });
    const auto client = open_client(config_for(hub));
    const auto answer = ask(*client, get("/api/models/a/b?x=%20y"));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->final_target, "/api/models/a/b?x=%20y");
    EXPECT_EQ(answer->content_type, "application/json; charset=utf-8");
    EXPECT_EQ(answer->etag, "W/\"2cd-x\"");
    EXPECT_EQ(answer->link, "<https://h/a?cursor=1>; rel=\"next\"");
    EXPECT_EQ(answer->body, R"({"id":"a/b"})");
    ASSERT_EQ(hub.count(), 1U);
    const TinyRequest request = hub.requests().front();
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.target, "/api/models/a/b?x=%20y");
    EXPECT_EQ(request.header("accept-encoding"), "gzip");
    EXPECT_EQ(request.header("if-none-match"), "");
    EXPECT_TRUE(request.header("user-agent").starts_with("hf-mirror/"));
}

TEST(ApiCalls, statuses_below_500_but_429_are_answers) {
    std::atomic<int> status = 0;
    TinyHttp hub([&](const TinyRequest&) {
        TinyReply reply = refuse(status, "RepoNotFound");
        reply.headers.emplace_back("X-Error-Message", "Repository not found");
        return reply;
    });
    const auto client = open_client(config_for(hub));
    for (const int each : {400, 401, 403, 404, 410, 416, 451}) {
        status = each;
        const auto answer = ask(*client, get("/api/x"));
        ASSERT_TRUE(answer) << each << ": " << answer.error().message;
        EXPECT_EQ(answer->status, each);
        EXPECT_EQ(answer->error_code, "RepoNotFound");
        EXPECT_EQ(answer->error_message, "Repository not found");
        EXPECT_EQ(answer->body, "no");
    }
}

TEST(ApiCalls, a_condition_is_sent_and_304_is_an_answer) {
    TinyHttp hub([](const TinyRequest& request) {
        TinyReply reply;
        reply.status = request.header("if-none-match") == "W/\"1-a\"" ? 304 : 200;
        reply.no_length = reply.status == 304;
        return reply;
    });
    const auto client = open_client(config_for(hub));
    ApiRequest request = get("/api/x");
    request.if_none_match = "W/\"1-a\"";
    const auto answer = ask(*client, request);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 304);
}

TEST(ApiCalls, redirects_on_the_hub_are_followed_relative_or_absolute) {
    std::string origin;
    TinyHttp hub([&](const TinyRequest& request) {
        if (request.target == "/api/models/old?x=1") {
            return redirect_to("/api/models/newer?x=1", 307);
        }
        if (request.target == "/api/models/newer?x=1") {
            return redirect_to(origin + "/api/models/acme/new?x=1", 308);
        }
        TinyReply reply;
        reply.body = "found";
        return reply;
    });
    origin = hub.url();
    const auto client = open_client(config_for(hub));
    const auto answer = ask(*client, get("/api/models/old?x=1"));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, "found");
    EXPECT_EQ(answer->final_target, "/api/models/acme/new?x=1");
    EXPECT_EQ(hub.connections(), 1) << "connections are used again";
}

TEST(ApiCalls, a_path_in_the_url_goes_before_every_target) {
    TinyHttp hub([&](const TinyRequest& request) {
        return request.target == "/hf/api/old" ? redirect_to("/hf/api/new", 307) : TinyReply{};
    });
    UpstreamConfig config = config_for(hub);
    config.url += "/hf/";
    const auto client = open_client(config);
    const auto answer = ask(*client, get("/api/old"));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->final_target, "/api/new");
    EXPECT_EQ(hub.requests().front().target, "/hf/api/old");
}

TEST(ApiCalls, redirects_to_other_hosts_and_endless_ones_are_refused) {
    TinyHttp other([](const TinyRequest&) { return TinyReply{}; });
    std::string location = other.url() + "/api/x?Signature=secret";
    TinyHttp hub([&](const TinyRequest&) { return redirect_to(location); });
    const auto client = open_client(config_for(hub, &other));  // content hosts are not for the API
    auto answer = ask(*client, get("/api/x"));
    EXPECT_EQ(failure_of(answer), Code::protocol);
    EXPECT_EQ(answer.error().message, "redirect to host 127.0.0.1 is not allowed");
    EXPECT_EQ(other.count(), 0U);
    location = "/api/again";
    EXPECT_EQ(failure_of(ask(*client, get("/api/x"))), Code::protocol);
    EXPECT_EQ(hub.count(), 1U + 6U);
    location = "";
    EXPECT_EQ(failure_of(ask(*client, get("/api/x"))), Code::protocol);
    location = "ftp://h/x";
    EXPECT_EQ(failure_of(ask(*client, get("/api/x"))), Code::protocol);
}

TEST(ApiCalls, the_token_goes_only_with_requests_that_ask_for_it) {
    TinyHttp hub([](const TinyRequest&) { return TinyReply{}; });
    UpstreamConfig config = config_for(hub);
    config.token = "hf_secret";
    const auto client = open_client(config);
    ASSERT_TRUE(ask(*client, get("/api/a")));
    ApiRequest with = get("/api/b");
    with.with_token = true;
    ASSERT_TRUE(ask(*client, with));
    EXPECT_EQ(hub.requests()[0].header("authorization"), "");
    EXPECT_EQ(hub.requests()[1].header("authorization"), "Bearer hf_secret");
}

TEST(ApiCalls, a_5xx_is_tried_again_and_then_unavailable) {
    std::atomic<int> bad = 2;
    TinyHttp hub([&](const TinyRequest&) { return bad-- > 0 ? refuse(503) : TinyReply{}; });
    const auto client = open_client(config_for(hub));
    EXPECT_TRUE(ask(*client, get("/api/a")));
    EXPECT_EQ(hub.count(), 3U);
    bad = 1000;
    const auto answer = ask(*client, get("/api/a"));
    EXPECT_EQ(failure_of(answer), Code::unavailable);
    EXPECT_NE(answer.error().message.find("503"), std::string::npos);
}

TEST(ApiCalls, a_429_stops_further_questions_without_asking) {
    TinyHttp hub([](const TinyRequest&) {
        TinyReply reply = refuse(429);
        reply.headers.emplace_back("RateLimit", R"("api";r=0;t=120)");
        return reply;
    });
    const auto client = open_client(config_for(hub));
    EXPECT_EQ(failure_of(ask(*client, get("/api/a"))), Code::rate_limited);
    EXPECT_EQ(failure_of(ask(*client, get("/api/b"))), Code::rate_limited);
    EXPECT_EQ(hub.count(), 1U);
}

TEST(ApiCalls, a_held_answer_ends_at_the_deadline) {
    TinyHttp hub([](const TinyRequest&) {
        TinyReply reply;
        reply.hold = true;
        return reply;
    });
    UpstreamConfig config = config_for(hub);
    config.deadline = std::chrono::milliseconds(200);
    const auto client = open_client(config);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(failure_of(ask(*client, get("/api/a"))), Code::timed_out);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(ApiCalls, a_body_over_its_bound_is_refused) {
    TinyHttp hub([](const TinyRequest&) {
        TinyReply reply;
        reply.body = std::string(1000, 'x');
        return reply;
    });
    const auto client = open_client(config_for(hub));
    ApiRequest request = get("/api/a");
    request.body_max_bytes = 1000;
    EXPECT_TRUE(ask(*client, request));
    request.body_max_bytes = 999;
    EXPECT_EQ(failure_of(ask(*client, request)), Code::protocol);
}

TEST(ApiCalls, the_bound_counts_decoded_bytes) {
    // gzip of 100,000 spaces: a head, zeros, a tail.
    std::string body(
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x31\x01\x00\x00\x00\xc2\xa0\x2a\xeb\x9f"
        "\xd2\x1a\x1e\x40\x01",
        27);
    body.append(96, '\0');
    body.append("\xaf\x06\x2d\xf0\x79\xca\xa0\x86\x01\x00", 10);
    TinyHttp hub([&](const TinyRequest&) {
        TinyReply reply;
        reply.headers.emplace_back("Content-Encoding", "gzip");
        reply.body = body;
        return reply;
    });
    const auto client = open_client(config_for(hub));
    ApiRequest request = get("/api/a");
    request.body_max_bytes = 99999;
    EXPECT_EQ(failure_of(ask(*client, request)), Code::protocol);
    request.body_max_bytes = 100000;
    const auto answer = ask(*client, request);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, std::string(100000, ' '));
}

TEST(ApiCalls, a_cut_body_is_asked_for_again) {
    std::atomic<int> asked = 0;
    TinyHttp hub([&](const TinyRequest&) {
        TinyReply reply;
        reply.body = "0123456789";
        if (++asked == 1) {
            reply.cut_after = 4;
        }
        return reply;
    });
    const auto client = open_client(config_for(hub));
    const auto answer = ask(*client, get("/api/a"));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, "0123456789");
}

TEST(ApiCalls, nobody_there_is_unreachable_and_soon_not_asked_any_more) {
    UpstreamConfig config;
    {
        const TinyHttp gone([](const TinyRequest&) { return TinyReply{}; });
        config = config_for(gone);
    }
    config.breaker.first_pause = std::chrono::hours(1);
    const auto client = open_client(config);
    EXPECT_EQ(failure_of(ask(*client, get("/api/a"))), Code::unreachable);
    EXPECT_EQ(failure_of(ask(*client, get("/api/a"))), Code::unreachable);
    const auto refused = ask(*client, get("/api/a"));
    EXPECT_EQ(failure_of(refused), Code::unreachable);
    EXPECT_NE(refused.error().message.find("not asked again yet"), std::string::npos)
        << refused.error().message;
}

TEST(ApiCalls, targets_and_tags_that_would_split_a_request_are_invalid) {
    TinyHttp hub([](const TinyRequest&) { return TinyReply{}; });
    const auto client = open_client(config_for(hub));
    EXPECT_EQ(failure_of(ask(*client, get("api/x"))), Code::invalid);
    EXPECT_EQ(failure_of(ask(*client, get("/api/x y"))), Code::invalid);
    EXPECT_EQ(failure_of(ask(*client, get("/api/x\r\nA: b"))), Code::invalid);
    ApiRequest request = get("/api/x");
    request.if_none_match = "a\r\nX: y";
    EXPECT_EQ(failure_of(ask(*client, request)), Code::invalid);
    EXPECT_EQ(hub.count(), 0U);
}

TEST(ApiCalls, a_header_that_can_be_read_in_two_ways_is_a_protocol_error) {
    std::vector<std::pair<std::string, std::string>> headers;
    TinyHttp hub([&](const TinyRequest&) {
        TinyReply reply;
        reply.headers = headers;
        reply.no_length = true;
        reply.body = "0123456789ab";
        return reply;
    });
    const auto client = open_client(config_for(hub));
    const std::vector<std::pair<std::string, std::string>> broken[] = {
        {{"Content-Length", "12x"}},
        {{"Content-Length", "+12"}},
        {{"Content-Length", ""}},
        {{"Content-Length", "12"}, {"Content-Length", "11"}},
        {{"X-Big", std::string(90000, 'x')},
         {"X-Bigger", std::string(90000, 'x')},
         {"X-Biggest", std::string(90000, 'x')}},
    };
    for (const auto& each : broken) {
        headers = each;
        EXPECT_EQ(failure_of(ask(*client, get("/api/x"))), Code::protocol) << each[0].second;
    }
    EXPECT_EQ(hub.count(), std::size(broken));
}

}  // namespace
}  // namespace hubfs::upstream
