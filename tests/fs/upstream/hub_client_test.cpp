// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/hub_client.h"

#include <gtest/gtest.h>

#include <atomic>

#include "tests/fs/upstream/client_fixture.h"

namespace hubfs::upstream {
namespace {

using namespace testing;

TEST(HubClients, a_configuration_that_cannot_work_is_refused_by_name) {
    const Clock clock;
    const auto code = [&](auto change) {
        UpstreamConfig config;
        change(config);
        const auto client = HubClient::open(config, clock);
        return client ? Code::corrupt : client.error().code;
    };
    EXPECT_EQ(code([](UpstreamConfig&) {}), Code::corrupt);
    EXPECT_EQ(code([](UpstreamConfig& c) { c.url = "huggingface.co"; }), Code::invalid);
    EXPECT_EQ(code([](UpstreamConfig& c) { c.url = "http://huggingface.co"; }), Code::invalid);
    EXPECT_EQ(code([](UpstreamConfig& c) { c.url = "https://h/?x"; }), Code::invalid);
    EXPECT_EQ(code([](UpstreamConfig& c) { c.content_hosts = {"*"}; }), Code::invalid);
    EXPECT_EQ(code([](UpstreamConfig& c) { c.token = "a\nb"; }), Code::invalid);
    EXPECT_EQ(code([](UpstreamConfig& c) { c.connections = 0; }), Code::invalid);
    EXPECT_EQ(code([](UpstreamConfig& c) { c.deadline = {}; }), Code::invalid);
}

// P54
TEST(HubClients, offline_fails_everything_at_once_without_asking) {
    TinyHttp hub([](const TinyRequest&) { return TinyReply{}; });
    UpstreamConfig config = config_for(hub);
    config.offline = true;
    const auto client = open_client(config);
    bool answered = false;
    client->api(get("/api/x"), [&](Result<ApiResponse> answer) {
        answered = !answer && answer.error().code == Code::offline;
    });
    EXPECT_TRUE(answered);
    const auto sink = std::make_shared<Collector>();
    client->content(want("abc", {0, 3}), sink)->cancel();
    const Status status = sink->wait();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::offline);
    EXPECT_EQ(hub.count(), 0U);
    EXPECT_NE(client->stats_json().find(R"("failures":{"offline":2})"), std::string::npos);
}

TEST(HubClients, ending_one_answers_all_that_is_under_way) {
    TinyHttp hub([](const TinyRequest&) {
        TinyReply reply;
        reply.hold = true;
        return reply;
    });
    auto client = open_client(config_for(hub));
    const auto sink = std::make_shared<Collector>();
    const auto transfer = client->content(want("abc", {0, 3}), sink);
    std::atomic<int> cancelled = 0;
    HubClient* const ending = client.get();
    for (int i = 0; i < 3; ++i) {
        // What is asked from a callback while it ends is answered as well.
        client->api(get("/api/x"), [&](const Result<ApiResponse>& answer) {
            cancelled += !answer && answer.error().code == Code::cancelled ? 1 : 0;
            ending->api(get("/api/y"), [&](const Result<ApiResponse>& again) {
                cancelled += !again && again.error().code == Code::cancelled ? 1 : 0;
            });
        });
    }
    ASSERT_TRUE(hub.wait_held(4));
    client.reset();
    EXPECT_EQ(cancelled, 6);
    EXPECT_EQ(sink->wait().error().code, Code::cancelled);
    transfer->cancel();  // harmless afterwards
}

TEST(HubClients, messages_and_statistics_carry_no_secret) {
    TinyHttp cdn([](const TinyRequest&) { return refuse(400); });
    const std::string location = cdn.url() + "/x?Signature=c2VjcmV0&Expires=99";
    TinyHttp hub([&](const TinyRequest&) { return redirect_to(location); });
    UpstreamConfig config = config_for(hub, &cdn);
    config.token = "hf_secret";
    const auto client = open_client(config);
    const auto sink = std::make_shared<Collector>();
    static_cast<void>(client->content(want("abc", {0, 3}), sink));
    const Status status = sink->wait();
    ASSERT_FALSE(status);
    for (const std::string& text : {status.error().message, client->stats_json()}) {
        EXPECT_EQ(text.find("c2VjcmV0"), std::string::npos) << text;
        EXPECT_EQ(text.find("secret"), std::string::npos) << text;
    }
}

}  // namespace
}  // namespace hubfs::upstream
