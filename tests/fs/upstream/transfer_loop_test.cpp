// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/transfer_loop.h"

#include <gtest/gtest.h>

#include <future>
#include <vector>

#include "tests/fs/upstream/client_fixture.h"

namespace hubfs::upstream {
namespace {

using namespace testing;

std::unique_ptr<TransferLoop> open_loop() {
    static const Clock clock;
    auto loop = TransferLoop::start({}, clock);
    return loop ? *std::move(loop) : nullptr;
}

// Runs on the loop's thread and waits for it.
template <class F>
void on_thread(TransferLoop& loop, F job) {
    std::promise<void> done;
    ASSERT_TRUE(loop.post([&] {
        job();
        done.set_value();
    }));
    done.get_future().wait();
}

TEST(Loop, jobs_run_in_order_and_the_last_one_is_last) {
    const auto loop = open_loop();
    ASSERT_TRUE(loop);
    std::vector<int> order;
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(loop->post([&order, i] { order.push_back(i); }));
    }
    bool refused = false;
    loop->stop([&] {
        order.push_back(100);
        refused = !loop->post([] {});
    });
    ASSERT_EQ(order.size(), 101U);
    EXPECT_TRUE(std::ranges::is_sorted(order));
    EXPECT_TRUE(refused);
    EXPECT_FALSE(loop->post([] {}));
}

TEST(Loop, timers_run_by_time_and_not_once_cancelled) {
    const auto loop = open_loop();
    ASSERT_TRUE(loop);
    std::vector<int> order;
    std::promise<void> done;
    const Clock clock;
    on_thread(*loop, [&] {
        const Steady now = clock.steady();
        using std::chrono::milliseconds;
        static_cast<void>(loop->at(now + milliseconds(30), [&] { done.set_value(); }));
        static_cast<void>(loop->at(now + milliseconds(20), [&] { order.push_back(2); }));
        const auto never = loop->at(now + milliseconds(10), [&] { order.push_back(9); });
        static_cast<void>(loop->at(now, [&, never] {
            order.push_back(1);
            loop->cancel_timer(never);
            loop->cancel_timer(never);
        }));
    });
    done.get_future().wait();
    EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(Loop, a_job_that_throws_does_not_end_the_loop) {
    const auto loop = open_loop();
    ASSERT_TRUE(loop);
    ASSERT_TRUE(loop->post([] { throw std::runtime_error("thrown by a test"); }));
    bool ran = false;
    on_thread(*loop, [&] { ran = true; });
    EXPECT_TRUE(ran);
}

struct Events : ExchangeEvents {
    bool on_head(const ResponseHead& head) override {
        if (throws) {
            throw std::runtime_error("thrown by a test");
        }
        status = head.status;
        return true;
    }
    bool on_body(std::span<const std::byte> bytes) override {
        body += bytes.size();
        return true;
    }
    void on_end(Status outcome) override { end.set_value(std::move(outcome)); }
    bool throws = false;
    int status = 0;
    std::size_t body = 0;
    std::promise<Status> end;
};

TEST(Loop, an_exchange_is_one_request_and_one_answer) {
    TinyHttp server([](const TinyRequest&) { return redirect_to("/elsewhere"); });
    const auto loop = open_loop();
    ASSERT_TRUE(loop);
    const auto events = std::make_shared<Events>();
    ExchangeRequest request;
    request.url = *parse_url(server.url() + "/x/../y?z");
    on_thread(*loop, [&] { EXPECT_TRUE(loop->start_exchange(request, events)); });
    EXPECT_TRUE(events->end.get_future().get());
    EXPECT_EQ(events->status, 302);
    EXPECT_EQ(events->body, std::string("Found. Redirecting to somewhere").size());
    EXPECT_EQ(server.count(), 1U);
    EXPECT_EQ(server.requests().front().target, "/y?z");
    EXPECT_EQ(loop->connections_made(), 1U);
}

TEST(Loop, a_callback_that_throws_ends_its_exchange_only) {
    TinyHttp server([](const TinyRequest&) { return TinyReply{}; });
    const auto loop = open_loop();
    ASSERT_TRUE(loop);
    ExchangeRequest request;
    request.url = *parse_url(server.url());
    for (const bool throws : {true, false}) {
        const auto events = std::make_shared<Events>();
        events->throws = throws;
        on_thread(*loop, [&] { EXPECT_TRUE(loop->start_exchange(request, events)); });
        EXPECT_EQ(events->end.get_future().get().has_value(), !throws);
    }
}

TEST(Loop, a_stopped_exchange_tells_nothing_more) {
    TinyHttp server([](const TinyRequest&) {
        TinyReply reply;
        reply.hold = true;
        return reply;
    });
    const auto loop = open_loop();
    ASSERT_TRUE(loop);
    const auto events = std::make_shared<Events>();
    ExchangeRequest request;
    request.url = *parse_url(server.url());
    TransferLoop::Id id = 0;
    on_thread(*loop, [&] { id = *loop->start_exchange(request, events); });
    ASSERT_TRUE(server.wait_held(1));
    on_thread(*loop, [&] {
        loop->stop_exchange(id);
        loop->stop_exchange(id);
    });
    EXPECT_EQ(events.use_count(), 1);
    EXPECT_EQ(events->status, 0);
}

}  // namespace
}  // namespace hubfs::upstream
