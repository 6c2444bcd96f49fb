// SPDX-License-Identifier: Apache-2.0
// The fake that other folders' tests stand on keeps what it promises.
#include "tests/support/fake_source.h"

#include <gtest/gtest.h>

#include "tests/fs/upstream/client_fixture.h"

namespace hubfs::upstream {
namespace {

using test::FakeSource;
using testing::Collector;
using testing::get;
using testing::some_bytes;

ContentRequest range_of(const Content& content, std::uint64_t first, std::uint64_t end) {
    ContentRequest request;
    request.content = content;
    request.range = {first, end};
    return request;
}

TEST(FakeSources, answer_what_was_set_and_count_what_was_asked) {
    FakeSource source{FakeSource::Inline{}};
    source.set_json("/api/a", "{}");
    std::vector<int> statuses;
    const auto ask = [&](ApiRequest request) {
        source.api(std::move(request), [&](Result<ApiResponse> r) {
            statuses.push_back(r ? r->status : -static_cast<int>(r.error().code));
        });
    };
    ask(get("/api/a"));
    ApiRequest again = get("/api/a");
    again.if_none_match = weak_api_etag("{}");
    ask(again);
    ask(get("/api/none"));
    source.set_api("/api/b", Error{Code::unreachable, "x"});
    ask(get("/api/b"));
    EXPECT_EQ(statuses, (std::vector<int>{200, 304, 404, -static_cast<int>(Code::unreachable)}));
    EXPECT_EQ(source.api_count("/api/a"), 2U);
    EXPECT_EQ(source.api_count(), 4U);
}

TEST(FakeSources, hold_answers_until_they_are_released) {
    FakeSource source;
    source.hold();
    std::atomic<int> answers = 0;
    for (int i = 0; i < 3; ++i) {
        source.api(get("/api/a"), [&](const Result<ApiResponse>&) { ++answers; });
    }
    ASSERT_TRUE(source.wait_held(3));
    EXPECT_EQ(answers, 0);
    source.release(1);
    ASSERT_TRUE(source.wait_idle());
    EXPECT_EQ(answers, 1);
    source.release();
    ASSERT_TRUE(source.wait_idle());
    EXPECT_EQ(answers, 3);
}

TEST(FakeSources, content_pauses_fails_and_lies_where_it_is_told) {
    FakeSource source;
    const std::string bytes = some_bytes(1000);
    const Content content =
        source.add_content(HashKind::sha256, bytes, {.chunk_bytes = 100, .pause_at = 450});
    auto sink = std::make_shared<Collector>();
    static_cast<void>(source.content(range_of(content, 50, 1000), sink));
    ASSERT_TRUE(source.wait_paused(1));
    EXPECT_EQ(sink->bytes(), bytes.substr(50, 400));
    source.resume();
    EXPECT_TRUE(sink->wait());
    EXPECT_EQ(sink->bytes(), bytes.substr(50));

    source.set_script(content.hash, {.fail_at = 300, .failures = 1, .wrong_byte = 10});
    sink = std::make_shared<Collector>();
    static_cast<void>(source.content(range_of(content, 0, 1000), sink));
    EXPECT_EQ(sink->wait().error().code, Code::unavailable);
    EXPECT_EQ(sink->bytes().size(), 300U);
    EXPECT_NE(sink->bytes()[10], bytes[10]);
    EXPECT_EQ(sink->bytes().substr(11), bytes.substr(11, 289));
    sink = std::make_shared<Collector>();
    static_cast<void>(source.content(range_of(content, 11, 1000), sink));
    EXPECT_TRUE(sink->wait());
    EXPECT_EQ(source.content_count(), 3U);
}

TEST(FakeSources, cancelling_a_paused_or_held_transfer_ends_it) {
    FakeSource source;
    const Content content = source.add_content(HashKind::git_sha1, "0123456789", {.pause_at = 5});
    const auto paused = std::make_shared<Collector>();
    const auto first = source.content(range_of(content, 0, 10), paused);
    ASSERT_TRUE(source.wait_paused(1));
    source.hold();
    const auto held = std::make_shared<Collector>();
    const auto second = source.content(range_of(content, 0, 10), held);
    first->cancel();
    second->cancel();
    EXPECT_EQ(paused->wait().error().code, Code::cancelled);
    EXPECT_EQ(held->wait().error().code, Code::cancelled);
    EXPECT_EQ(source.cancelled_count(), 2U);
}

}  // namespace
}  // namespace hubfs::upstream
