// SPDX-License-Identifier: Apache-2.0
#include "httpd/hot/answer_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/support/test_clock.h"

namespace httpd::hot {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kHead = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

class AnswerCacheTest : public testing::Test {
protected:
    // Until the watch has read the present epoch under the present time.
    void know() {
        while (watch.current(clock.steady()) != std::optional<std::uint64_t>(epoch)) {
            std::this_thread::yield();
        }
    }
    void advance(milliseconds by) {
        clock.advance(by);
        know();
    }
    Kept answer(std::string_view head, std::string bytes = "HTTP/1.1 200 OK\r\n\r\nbody") {
        Kept kept;
        kept.key = head;
        kept.bytes = std::move(bytes);
        kept.keep.epoch = epoch;
        kept.asked = clock.steady();
        return kept;
    }

    hubfs::test::TestClock clock;
    std::atomic<std::uint64_t> epoch{1};
    EpochWatch watch{[this] { return std::optional<std::uint64_t>(epoch); }, clock};
    AnswerCache cache{watch, clock};
};

TEST_F(AnswerCacheTest, the_same_bytes_get_the_same_answer) {
    know();
    EXPECT_EQ(cache.find(kHead), nullptr);
    cache.keep(answer(kHead));
    const auto found = cache.find(kHead);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->bytes, "HTTP/1.1 200 OK\r\n\r\nbody");
    EXPECT_EQ(cache.find("GET /a HTTP/1.1\r\nHost: H\r\n\r\n"), nullptr);
    cache.forget(kHead);
    EXPECT_EQ(cache.find(kHead), nullptr);
    EXPECT_EQ(cache.bytes(), 0U);
}

TEST_F(AnswerCacheTest, one_request_renews_while_the_others_are_answered) {
    know();
    cache.keep(answer(kHead));
    advance(milliseconds(499));
    EXPECT_NE(cache.find(kHead), nullptr);
    advance(milliseconds(1));
    EXPECT_EQ(cache.find(kHead), nullptr);  // this one asks
    EXPECT_NE(cache.find(kHead), nullptr);
    cache.keep(answer(kHead));
    advance(milliseconds(499));
    EXPECT_NE(cache.find(kHead), nullptr);
}

TEST_F(AnswerCacheTest, nothing_is_given_after_nine_tenths_of_a_second) {
    know();
    cache.keep(answer(kHead));
    advance(milliseconds(500));
    EXPECT_EQ(cache.find(kHead), nullptr);  // asks, and gets no answer
    advance(milliseconds(399));
    EXPECT_NE(cache.find(kHead), nullptr);
    advance(milliseconds(1));
    EXPECT_EQ(cache.find(kHead), nullptr);
    EXPECT_EQ(cache.bytes(), 0U);
}

TEST_F(AnswerCacheTest, its_time_counts_from_the_question_not_from_the_answer) {
    know();
    Kept late = answer(kHead);
    advance(milliseconds(900));
    cache.keep(std::move(late));
    EXPECT_EQ(cache.find(kHead), nullptr);
    EXPECT_EQ(cache.bytes(), 0U);
}

TEST_F(AnswerCacheTest, it_ends_when_the_reference_expires) {
    know();
    Kept kept = answer(kHead);
    kept.keep.expires = clock.now() + milliseconds(300);
    cache.keep(std::move(kept));
    advance(milliseconds(299));
    EXPECT_NE(cache.find(kHead), nullptr);
    advance(milliseconds(1));
    EXPECT_EQ(cache.find(kHead), nullptr);
}

TEST_F(AnswerCacheTest, another_epoch_ends_every_answer) {
    know();
    cache.keep(answer(kHead));
    EXPECT_NE(cache.find(kHead), nullptr);
    epoch = 2;
    know();
    EXPECT_EQ(cache.find(kHead), nullptr);
    EXPECT_EQ(cache.bytes(), 0U);
}

TEST_F(AnswerCacheTest, nothing_is_given_while_the_epoch_is_not_known) {
    know();
    cache.keep(answer(kHead));
    ASSERT_TRUE(watch.stop(milliseconds(5000)));
    EXPECT_NE(cache.find(kHead), nullptr);
    clock.advance(EpochWatch::kAgeMax);
    EXPECT_EQ(cache.find(kHead), nullptr);
}

TEST_F(AnswerCacheTest, its_memory_is_bounded) {
    know();
    const std::string body(64 * 1024, 'x');
    for (int i = 0; i < 2000; ++i) {
        cache.keep(answer("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n", body));
        ASSERT_LE(cache.bytes(), AnswerCache::kBytesMax);
    }
    EXPECT_GT(cache.bytes(), AnswerCache::kBytesMax / 2);
    EXPECT_EQ(cache.find("GET /0 HTTP/1.1\r\nHost: h\r\n\r\n"), nullptr);
    EXPECT_NE(cache.find("GET /1999 HTTP/1.1\r\nHost: h\r\n\r\n"), nullptr);
    clock.advance(AnswerCache::kKeptFor);
    cache.keep(answer(kHead));
    EXPECT_LT(cache.bytes(), 4096U);  // what is too old goes in any case
}

TEST_F(AnswerCacheTest, what_is_too_large_is_not_kept) {
    know();
    cache.keep(answer(kHead, std::string(AnswerCache::kAnswerBytesMax + 1, 'x')));
    EXPECT_EQ(cache.find(kHead), nullptr);
    const std::string long_head =
        "GET /" + std::string(AnswerCache::kKeyBytesMax, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n";
    cache.keep(answer(long_head));
    EXPECT_EQ(cache.find(long_head), nullptr);
}

TEST(Keepable, secrets_bodies_and_wishes_for_newer_answers_are_not) {
    http::Request plain;
    plain.headers.add("Host", "h");
    plain.headers.add("User-Agent", "x");
    plain.headers.add("Range", "bytes=0-7");
    EXPECT_TRUE(keepable(plain));
    for (const auto* name : {"Authorization", "cookie", "Cache-Control", "Pragma", "Expect",
                             "Upgrade", "Proxy-Authorization"}) {
        http::Request request = plain;
        request.headers.add(name, "x");
        EXPECT_FALSE(keepable(request)) << name;
    }
    http::Request post = plain;
    post.method = http::Method::post;
    EXPECT_FALSE(keepable(post));
    http::Request old = plain;
    old.minor_version = 0;
    EXPECT_FALSE(keepable(old));
}

}  // namespace
}  // namespace httpd::hot
