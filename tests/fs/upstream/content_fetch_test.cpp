// SPDX-License-Identifier: Apache-2.0
// Ranges of content through HubClient against a Hub and a content host on this machine.
#include "fs/upstream/content_fetch.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fs/base/log.h"
#include "tests/fs/upstream/client_fixture.h"

namespace hubfs::upstream {
namespace {

using namespace testing;

constexpr std::string_view kResolve =
    "/acme/tiny/resolve/5bb9fc53add422c252f7351a8e28c438cb98ea21/model.bin";

struct Outcome {
    std::string bytes;
    Status status;
    [[nodiscard]] Code code() const { return status ? Code::corrupt : status.error().code; }
};

Outcome fetch(HubClient& client, const ContentRequest& request) {
    const auto sink = std::make_shared<Collector>();
    static_cast<void>(client.content(request, sink));
    Status status = sink->wait();
    return {sink->bytes(), std::move(status)};
}

// A Hub that leads to a content host, both as good as the real ones.
struct TwoHosts {
    explicit TwoHosts(std::size_t size, TinyHttp::Handler cdn_answers = {})
        : bytes(some_bytes(size)),
          cdn([this, answers = std::move(cdn_answers)](const TinyRequest& request) {
              return answers ? answers(request) : part(bytes, request);
          }),
          hub([this](const TinyRequest&) {
              return redirect_to(cdn.url() + "/x?n=" + std::to_string(++resolved));
          }) {}
    const std::string bytes;
    std::atomic<int> resolved = 0;
    TinyHttp cdn;
    TinyHttp hub;
};

TEST(ContentRanges, go_to_the_hub_and_on_to_the_content_host_without_the_token) {
    TwoHosts hosts(100000);
    UpstreamConfig config = config_for(hosts.hub, &hosts.cdn);
    config.token = "hf_secret";
    const auto client = open_client(config);
    const Outcome outcome = fetch(*client, want(hosts.bytes, {1000, 90000}));
    ASSERT_TRUE(outcome.status) << outcome.status.error().message;
    EXPECT_EQ(outcome.bytes, hosts.bytes.substr(1000, 89000));
    const TinyRequest at_hub = hosts.hub.requests().front();
    const TinyRequest at_cdn = hosts.cdn.requests().front();
    EXPECT_EQ(at_hub.target, kResolve);
    for (const TinyRequest& request : {at_hub, at_cdn}) {
        EXPECT_EQ(request.header("authorization"), "");
        EXPECT_EQ(request.header("range"), "bytes=1000-89999");
        EXPECT_EQ(request.header("accept-encoding"), "identity");
    }
}

TEST(ContentRanges, addresses_spell_data_sets_and_odd_paths_as_the_hub_expects) {
    ContentLocation at = want("x", {0, 1}, "a b/#ü%.txt").location;
    EXPECT_EQ(resolve_target(at),
              "/acme/tiny/resolve/" + at.commit.hex() + "/a%20b/%23%C3%BC%25.txt");
    at.repo = {RepoType::dataset, "glue"};
    EXPECT_EQ(resolve_target(at),
              "/datasets/glue/resolve/" + at.commit.hex() + "/a%20b/%23%C3%BC%25.txt");
}

TEST(ContentRanges, the_hubs_own_redirect_for_git_files_is_followed) {
    const std::string bytes = some_bytes(500);
    TinyHttp hub([&](const TinyRequest& request) {
        return request.target == kResolve
                   ? redirect_to("/api/resolve-cache/models/acme/tiny/x/model.bin?a=b", 307)
                   : part(bytes, request);
    });
    const auto client = open_client(config_for(hub));
    EXPECT_EQ(fetch(*client, want(bytes, {0, 500})).bytes, bytes);
    EXPECT_EQ(hub.requests()[1].target, "/api/resolve-cache/models/acme/tiny/x/model.bin?a=b");
}

TEST(ContentRanges, a_remembered_address_needs_no_resolving) {
    TwoHosts hosts(1000);
    const auto client = open_client(config_for(hosts.hub, &hosts.cdn));
    for (std::uint64_t i = 0; i < 10; ++i) {
        const Outcome outcome = fetch(*client, want(hosts.bytes, {i * 100, i * 100 + 100}));
        EXPECT_EQ(outcome.bytes, hosts.bytes.substr(i * 100, 100));
    }
    EXPECT_EQ(hosts.hub.count(), 1U);
    EXPECT_EQ(hosts.cdn.count(), 10U);
    EXPECT_EQ(hosts.cdn.connections(), 1);
}

TEST(ContentRanges, a_refused_remembered_address_is_resolved_anew_once) {
    for (const int status : {403, 404, 410}) {
        std::string bytes;
        std::atomic<bool> refuse_all = false;
        TwoHosts hosts(1000, [&](const TinyRequest& request) {
            return refuse_all || (hosts.resolved > 0 && request.target == "/x?n=1" &&
                                  request.range()->first > 0)
                       ? refuse(status)
                       : part(bytes, request);
        });
        bytes = hosts.bytes;
        const auto client = open_client(config_for(hosts.hub, &hosts.cdn));
        EXPECT_TRUE(fetch(*client, want(bytes, {0, 10})).status);
        const Outcome outcome = fetch(*client, want(bytes, {10, 20}));
        EXPECT_EQ(outcome.bytes, bytes.substr(10, 10)) << status;
        EXPECT_EQ(hosts.hub.count(), 2U);
        // Refused fresh as well: the content host is at fault, not the repository.
        refuse_all = true;
        EXPECT_EQ(fetch(*client, want(bytes, {20, 30})).code(), Code::unavailable);
        EXPECT_EQ(hosts.hub.count(), 3U);
    }
}

TEST(ContentRanges, a_fresh_address_that_is_refused_is_resolved_once_more) {
    std::string bytes;
    std::atomic<int> refusals = 1;
    TwoHosts hosts(1000, [&](const TinyRequest& request) {
        return refusals-- > 0 ? refuse(403) : part(bytes, request);
    });
    bytes = hosts.bytes;
    const auto client = open_client(config_for(hosts.hub, &hosts.cdn));
    EXPECT_EQ(fetch(*client, want(bytes, {0, 10})).bytes, bytes.substr(0, 10));
    EXPECT_EQ(hosts.hub.count(), 2U);
    refusals = 9;
    const auto other = open_client(config_for(hosts.hub, &hosts.cdn));
    EXPECT_EQ(fetch(*other, want(bytes, {0, 10})).code(), Code::unavailable);
    EXPECT_EQ(hosts.hub.count(), 4U);
    EXPECT_EQ(refusals, 7);
}

TEST(ContentRanges, only_allowed_hosts_are_contacted) {
    TinyHttp evil([](const TinyRequest&) { return TinyReply{}; });
    TwoHosts hosts(10, [&](const TinyRequest&) { return redirect_to(evil.url() + "/x"); });
    const auto client = open_client(config_for(hosts.hub, &hosts.cdn));
    const Outcome outcome = fetch(*client, want(hosts.bytes, {0, 10}));
    EXPECT_EQ(outcome.code(), Code::protocol);
    EXPECT_EQ(outcome.status.error().message, "redirect to host 127.0.0.1 is not allowed");
    EXPECT_EQ(evil.count(), 0U);
}

TEST(ContentRanges, what_upstream_does_wrong_is_one_line_in_the_log) {
    TinyHttp evil([](const TinyRequest&) { return TinyReply{}; });
    TwoHosts hosts(
        10, [&](const TinyRequest&) { return redirect_to(evil.url() + "/x?Signature=secret"); });
    const std::string file = ::testing::TempDir() + "content_fetch_log." + std::to_string(getpid());
    log::open("test", "warn", file);
    {
        const auto client = open_client(config_for(hosts.hub, &hosts.cdn));
        for (int i = 0; i < 3; ++i) {
            EXPECT_EQ(fetch(*client, want(hosts.bytes, {0, 10})).code(), Code::protocol);
        }
    }
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    log::open("test", "warn");
    std::filesystem::remove(file);
    EXPECT_EQ(std::ranges::count(text, '\n'), 1) << text;
    EXPECT_NE(text.find("upstream_failed"), std::string::npos) << text;
    EXPECT_NE(text.find(std::string(kResolve)), std::string::npos) << text;
    EXPECT_NE(text.find("redirect to host 127.0.0.1 is not allowed"), std::string::npos) << text;
    EXPECT_EQ(text.find("secret"), std::string::npos) << text;
}

TEST(ContentRanges, plain_http_content_hosts_need_allow_http) {
    UpstreamConfig config;
    config.content_hosts = {"cdn.hf.co"};
    const auto may_ask = [&](const char* url) {
        const Clock clock;
        const Core core(config, *parse_url(config.url), *HostList::parse(config.content_hosts),
                        clock);
        return core.may_ask(*parse_url(url));
    };
    EXPECT_TRUE(may_ask("https://cdn.hf.co/x"));
    EXPECT_TRUE(may_ask("https://huggingface.co/x"));
    EXPECT_FALSE(may_ask("http://cdn.hf.co/x"));
    EXPECT_FALSE(may_ask("http://huggingface.co/x"));
    EXPECT_FALSE(may_ask("https://huggingface.co:444/x"));
    config.allow_http = true;
    EXPECT_TRUE(may_ask("http://cdn.hf.co/x"));
    EXPECT_FALSE(may_ask("http://huggingface.co/x"));
}

TEST(ContentRanges, an_answer_that_is_not_what_was_asked_is_a_protocol_error) {
    const std::string bytes = some_bytes(100);
    const struct {
        const char* name;
        std::function<void(TinyReply&)> spoil;
    } rows[] = {
        {"no Content-Range", [](TinyReply& r) { r.headers.clear(); }},
        {"another range", [](TinyReply& r) { r.headers[0].second = "bytes 0-9/100"; }},
        {"a shorter range", [](TinyReply& r) { r.headers[0].second = "bytes 10-18/100"; }},
        {"another total", [](TinyReply& r) { r.headers[0].second = "bytes 10-19/101"; }},
        {"an unknown total", [](TinyReply& r) { r.headers[0].second = "bytes 10-19/*"; }},
        {"two ranges", [](TinyReply& r) { r.headers.push_back(r.headers[0]); }},
        {"a longer length", [](TinyReply& r) { r.length = 11; }},
        {"more bytes",
         [](TinyReply& r) {
             r.no_length = true;
             r.body += "x";
         }},
        {"an encoding", [](TinyReply& r) { r.headers.emplace_back("Content-Encoding", "gzip"); }},
        {"200 to a range",
         [&](TinyReply& r) {
             r = TinyReply{};
             r.body = bytes;
         }},
        {"204", [](TinyReply& r) { r.status = 204; }},
        {"304", [](TinyReply& r) { r.status = 304; }},
        {"416", [](TinyReply& r) { r.status = 416; }},
        {"418", [](TinyReply& r) { r.status = 418; }},
    };
    for (const auto& row : rows) {
        TinyHttp hub([&](const TinyRequest& request) {
            TinyReply reply = part(bytes, request);
            row.spoil(reply);
            return reply;
        });
        const auto client = open_client(config_for(hub));
        const Outcome outcome = fetch(*client, want(bytes, {10, 20}));
        EXPECT_EQ(outcome.code(), Code::protocol) << row.name;
        EXPECT_TRUE(bytes.substr(10, 10).starts_with(outcome.bytes)) << row.name;
        EXPECT_EQ(hub.count(), 1U) << row.name;
    }
}

TEST(ContentRanges, a_server_without_ranges_serves_a_beginning) {
    const std::string bytes = some_bytes(300000);
    std::optional<std::size_t> length;
    TinyHttp hub([&](const TinyRequest&) {
        TinyReply reply;
        reply.body = bytes;
        reply.length = length;
        return reply;
    });
    const auto client = open_client(config_for(hub));
    EXPECT_EQ(fetch(*client, want(bytes, {0, 10})).bytes, bytes.substr(0, 10));
    EXPECT_EQ(fetch(*client, want(bytes, {0, bytes.size()})).bytes, bytes);
    EXPECT_EQ(fetch(*client, want(bytes, {1, 10})).code(), Code::protocol);
    length = bytes.size() - 1;
    EXPECT_EQ(fetch(*client, want(bytes, {0, 10})).code(), Code::protocol);
}

TEST(ContentRanges, what_the_hub_refuses_has_the_code_of_the_refusal) {
    const struct {
        int status;
        const char* error_code;
        Code want;
    } rows[] = {
        {401, "GatedRepo", Code::gated},
        {403, "GatedRepo", Code::gated},
        {401, "", Code::denied},
        {403, "", Code::denied},
        {404, "EntryNotFound", Code::not_found},
        {404, "", Code::not_found},
        {410, "", Code::not_found},
        {451, "", Code::denied},
        {400, "", Code::protocol},
        {429, "", Code::rate_limited},
    };
    for (const auto& row : rows) {
        TinyHttp hub([&](const TinyRequest&) { return refuse(row.status, row.error_code); });
        const auto client = open_client(config_for(hub));
        EXPECT_EQ(fetch(*client, want("abc", {0, 3})).code(), row.want) << row.status;
        EXPECT_EQ(hub.count(), 1U) << row.status;
    }
}

TEST(ContentRanges, a_cut_transfer_goes_on_at_the_byte_it_reached) {
    std::string bytes;
    TwoHosts hosts(50000, [&](const TinyRequest& request) {
        TinyReply reply = part(bytes, request);
        if (reply.body.size() > 15000) {
            reply.cut_after = 15000;
        }
        return reply;
    });
    bytes = hosts.bytes;
    const auto client = open_client(config_for(hosts.hub, &hosts.cdn));
    const Outcome outcome = fetch(*client, want(bytes, {0, 50000}));
    ASSERT_TRUE(outcome.status) << outcome.status.error().message;
    EXPECT_EQ(outcome.bytes, bytes);
    std::vector<std::string> ranges;
    for (const TinyRequest& request : hosts.cdn.requests()) {
        ranges.push_back(request.header("range"));
    }
    EXPECT_EQ(ranges, (std::vector<std::string>{"bytes=0-49999", "bytes=15000-49999",
                                                "bytes=30000-49999", "bytes=45000-49999"}));
    EXPECT_EQ(hosts.hub.count(), 1U);
}

TEST(ContentRanges, a_cut_whole_body_goes_on_without_repeating_a_byte) {
    const std::string bytes = some_bytes(50000);
    std::atomic<int> asked = 0;
    TinyHttp hub([&](const TinyRequest&) {
        TinyReply reply;
        reply.body = bytes;
        if (++asked < 3) {
            reply.cut_after = static_cast<std::size_t>(20000 * asked);
        }
        return reply;
    });
    const auto client = open_client(config_for(hub));
    const Outcome outcome = fetch(*client, want(bytes, {0, 45000}));
    ASSERT_TRUE(outcome.status) << outcome.status.error().message;
    EXPECT_EQ(outcome.bytes, bytes.substr(0, 45000));
    EXPECT_EQ(asked, 3);
}

TEST(ContentRanges, retries_end_when_nothing_comes) {
    std::string bytes;
    TwoHosts hosts(100, [&](const TinyRequest& request) {
        TinyReply reply = part(bytes, request);
        reply.cut_after = request.range()->first == 0 ? 50 : 0;
        return reply;
    });
    bytes = hosts.bytes;
    const auto client = open_client(config_for(hosts.hub, &hosts.cdn));
    const Outcome outcome = fetch(*client, want(bytes, {0, 100}));
    EXPECT_EQ(outcome.code(), Code::unavailable);
    EXPECT_EQ(outcome.bytes, bytes.substr(0, 50));
    EXPECT_EQ(hosts.cdn.count(), 4U);  // failures_max, and the first got on
}

TEST(ContentRanges, a_5xx_on_either_host_is_tried_again) {
    std::atomic<int> bad = 2;
    std::string bytes;
    TwoHosts hosts(100, [&](const TinyRequest& request) {
        return bad-- > 0 ? refuse(502) : part(bytes, request);
    });
    bytes = hosts.bytes;
    const auto client = open_client(config_for(hosts.hub, &hosts.cdn));
    EXPECT_EQ(fetch(*client, want(bytes, {0, 100})).bytes, bytes);
    bad = 1000;
    EXPECT_EQ(fetch(*client, want(bytes, {0, 100})).code(), Code::unavailable);
}

TEST(ContentRanges, no_byte_within_the_deadline_ends_a_transfer) {
    const std::string bytes = some_bytes(1000);
    for (const bool before : {true, false}) {
        TinyHttp hub([&](const TinyRequest& request) {
            TinyReply reply = part(bytes, request);
            reply.hold = before;
            reply.hold_after = 500;
            return reply;
        });
        UpstreamConfig config = config_for(hub);
        config.deadline = std::chrono::milliseconds(250);
        const auto client = open_client(config);
        const Outcome outcome = fetch(*client, want(bytes, {0, 1000}));
        EXPECT_EQ(outcome.code(), Code::timed_out);
        EXPECT_EQ(outcome.bytes, bytes.substr(0, before ? 0 : 500));
    }
}

TEST(ContentRanges, cancelling_ends_a_transfer_at_any_moment) {
    const std::string bytes = some_bytes(1000);
    TinyHttp hub([&](const TinyRequest& request) {
        TinyReply reply = part(bytes, request);
        reply.hold_after = 500;
        return reply;
    });
    UpstreamConfig config = config_for(hub);
    config.connections = 1;
    const auto client = open_client(config);
    const auto running = std::make_shared<Collector>();
    const auto queued = std::make_shared<Collector>();
    const auto first = client->content(want(bytes, {0, 1000}), running);
    ASSERT_TRUE(running->wait_bytes(500));
    const auto second = client->content(want(bytes, {0, 1000}), queued);
    second->cancel();
    EXPECT_EQ(queued->wait().error().code, Code::cancelled);
    first->cancel();
    first->cancel();
    EXPECT_EQ(running->wait().error().code, Code::cancelled);
    EXPECT_EQ(running->bytes(), bytes.substr(0, 500));
    EXPECT_EQ(hub.count(), 1U);
    hub.release();
    EXPECT_TRUE(fetch(*client, want(bytes, {0, 1000})).status) << "the connection slot is free";
}

TEST(ContentRanges, a_sink_that_says_false_stops_the_transfer) {
    TwoHosts hosts(1000000);
    const auto client = open_client(config_for(hosts.hub, &hosts.cdn));
    const auto sink = std::make_shared<Collector>(1);
    static_cast<void>(client->content(want(hosts.bytes, {0, 1000000}), sink));
    EXPECT_EQ(sink->wait().error().code, Code::cancelled);
    EXPECT_LT(sink->bytes().size(), 1000000U);
}

TEST(ContentRanges, at_most_so_many_connections_go_to_one_host) {
    std::string bytes;
    std::atomic<bool> hold = false;
    TwoHosts hosts(1000, [&](const TinyRequest& request) {
        TinyReply reply = part(bytes, request);
        reply.hold = hold;
        return reply;
    });
    bytes = hosts.bytes;
    UpstreamConfig config = config_for(hosts.hub, &hosts.cdn);
    config.connections = 3;
    const auto client = open_client(config);
    ASSERT_TRUE(fetch(*client, want(bytes, {0, 1})).status);  // finds the address
    hold = true;
    std::vector<std::shared_ptr<Collector>> sinks;
    for (std::uint64_t i = 0; i < 10; ++i) {
        sinks.push_back(std::make_shared<Collector>());
        static_cast<void>(client->content(want(bytes, {i * 100, i * 100 + 100}), sinks.back()));
    }
    ASSERT_TRUE(hosts.cdn.wait_held(3));
    hosts.cdn.release();
    for (std::size_t i = 0; i < sinks.size(); ++i) {
        EXPECT_TRUE(sinks[i]->wait());
        EXPECT_EQ(sinks[i]->bytes(), bytes.substr(i * 100, 100));
    }
    EXPECT_EQ(hosts.cdn.connections_peak(), 3U);
}

TEST(ContentRanges, many_ranges_of_one_content_are_resolved_once) {
    const std::string bytes = some_bytes(1000);
    TinyHttp cdn([&](const TinyRequest& request) { return part(bytes, request); });
    TinyHttp hub([&](const TinyRequest&) {
        TinyReply reply = redirect_to(cdn.url() + "/x");
        reply.hold = true;
        return reply;
    });
    const auto client = open_client(config_for(hub, &cdn));
    std::vector<std::shared_ptr<Collector>> sinks;
    for (std::uint64_t i = 0; i < 8; ++i) {
        sinks.push_back(std::make_shared<Collector>());
        static_cast<void>(client->content(want(bytes, {i * 100, i * 100 + 100}), sinks.back()));
    }
    ASSERT_TRUE(hub.wait_held(1));
    hub.release();
    for (const auto& sink : sinks) {
        EXPECT_TRUE(sink->wait());
    }
    EXPECT_EQ(hub.count(), 1U);
    EXPECT_EQ(cdn.count(), 8U);
}

TEST(ContentRanges, those_that_wait_for_an_address_go_on_when_its_finder_fails) {
    const std::string bytes = some_bytes(1000);
    TinyHttp hub([&](const TinyRequest& request) {
        TinyReply reply = part(bytes, request);
        reply.hold = request.range()->first == 0;
        return reply;
    });
    const auto client = open_client(config_for(hub));
    const auto finder = std::make_shared<Collector>();
    const auto waiter = std::make_shared<Collector>();
    const auto transfer = client->content(want(bytes, {0, 10}), finder);
    ASSERT_TRUE(hub.wait_held(1));
    static_cast<void>(client->content(want(bytes, {10, 20}), waiter));
    transfer->cancel();
    EXPECT_EQ(finder->wait().error().code, Code::cancelled);
    EXPECT_TRUE(waiter->wait());
    EXPECT_EQ(waiter->bytes(), bytes.substr(10, 10));
}

TEST(ContentRanges, a_spent_quota_stops_resolving_but_not_known_addresses) {
    TwoHosts hosts(1000);
    std::atomic<bool> spent = false;
    TinyHttp hub([&](const TinyRequest& request) {
        TinyReply reply = redirect_to(hosts.cdn.url() + request.target);
        if (spent) {
            reply = refuse(429);
            reply.headers.emplace_back("Retry-After", "100");
        }
        return reply;
    });
    const auto client = open_client(config_for(hub, &hosts.cdn));
    EXPECT_TRUE(fetch(*client, want(hosts.bytes, {0, 10}, "a")).status);
    spent = true;
    EXPECT_EQ(fetch(*client, want(hosts.bytes, {0, 10}, "b")).code(), Code::rate_limited);
    EXPECT_EQ(fetch(*client, want(hosts.bytes, {0, 10}, "c")).code(), Code::rate_limited);
    EXPECT_EQ(hub.count(), 2U);
    EXPECT_TRUE(fetch(*client, want(hosts.bytes, {10, 20}, "a")).status);
}

TEST(ContentRanges, ranges_and_places_that_cannot_be_are_invalid) {
    TinyHttp hub([](const TinyRequest&) { return TinyReply{}; });
    const auto client = open_client(config_for(hub));
    EXPECT_EQ(fetch(*client, want("abc", {0, 0})).code(), Code::invalid);
    EXPECT_EQ(fetch(*client, want("abc", {2, 1})).code(), Code::invalid);
    EXPECT_EQ(fetch(*client, want("abc", {0, 4})).code(), Code::invalid);
    EXPECT_EQ(fetch(*client, want("abc", {0, 3}, "")).code(), Code::invalid);
    ContentRequest request = want("abc", {0, 3});
    request.location.repo.id = "../x";
    EXPECT_EQ(fetch(*client, request).code(), Code::invalid);
    EXPECT_EQ(hub.count(), 0U);
}

}  // namespace
}  // namespace hubfs::upstream
