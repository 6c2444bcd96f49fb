// SPDX-License-Identifier: Apache-2.0
// What readers get when upstream fails, lies, stalls or has moved.
#include "fs/cache/fetcher.h"

#include "tests/fs/cache/cache_fixture.h"
#include "tests/fs/cache/stub_source.h"

namespace hubfs::test {
namespace {

using namespace std::chrono_literals;

class Fetching : public CacheTest {
protected:
    // A cache whose transfers are this function's.
    void open_over(StubSource& source) {
        auto opened = cache::CacheImpl::open(config_, index_.handle(), source, clock_);
        ASSERT_TRUE(opened);
        cache_ = std::move(*opened);
    }
};

std::span<const std::byte> part(const std::string& bytes, ByteRange range) {
    return std::as_bytes(std::span(bytes)).subspan(range.first, range.size());
}

TEST_F(Fetching, AFailureIsRememberedForAMomentAndThenAskedAgain) {
    const std::string bytes = pattern(3 * kBlock);
    ContentScript script;
    script.fail_at = 0;
    script.failures = 1;
    const Content content = source_.add_content(HashKind::sha256, bytes, script);
    open();
    const auto file = reader(content);
    EXPECT_EQ(read(*file, 0, 100), "error:unavailable");
    EXPECT_EQ(read(*file, 50, 100), "error:unavailable");
    EXPECT_EQ(source_.content_count(), 1U);
    // Only what failed is refused.
    EXPECT_EQ(read(*file, 2 * kBlock, 10), bytes.substr(2 * kBlock, 10));
    clock_.advance(2s);
    EXPECT_EQ(read(*file, 0, 100), bytes.substr(0, 100));
}

TEST_F(Fetching, AFailureWakesAllWhoWaitForItOnce) {
    ContentScript script;
    script.fail_at = 0;
    script.error = {Code::rate_limited, "429"};
    const Content content = source_.add_content(HashKind::sha256, pattern(3 * kBlock), script);
    open();
    source_.hold();
    std::vector<std::unique_ptr<cache::Reader>> readers;
    std::vector<Read> parked;
    for (std::uint64_t i = 0; i < 20; ++i) {
        readers.push_back(reader(content));
        parked.emplace_back(*readers.back(), i * 100, 100);
    }
    source_.release();
    for (Read& one : parked) {
        const auto result = one.get();
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, Code::rate_limited);
    }
    EXPECT_EQ(source_.content_count(), 1U);
}

TEST_F(Fetching, ACutInTheMiddleKeepsTheBlocksBeforeIt) {
    const std::string bytes = pattern(4 * kBlock);
    ContentScript script;
    script.fail_at = 2 * kBlock + 100;
    script.failures = 1;
    const Content content = source_.add_content(HashKind::sha256, bytes, script);
    open();
    const auto file = reader(content);
    Read whole(*file, 0, bytes.size());
    Read begun(*file, 2 * kBlock, 50);
    ASSERT_FALSE(whole.get());
    EXPECT_EQ(read(*file, 0, 2 * kBlock), bytes.substr(0, 2 * kBlock));
    clock_.advance(2s);
    EXPECT_EQ(read_all(*file, bytes.size(), kBlock), bytes);
    EXPECT_TRUE(cache_->verified(content));
    for (std::size_t i = 1; i < source_.content_requests().size(); ++i) {
        EXPECT_GE(source_.content_requests()[i].range.first, 2 * kBlock);
    }
    (void)begun.get();
}

// P2
TEST_F(Fetching, ARangeThatEndsEarlyIsAnErrorAndNeverComplete) {
    const std::string bytes = pattern(kBlock);
    const Content content{hash_content(HashKind::sha256, part(bytes, {0, kBlock})), kBlock};
    StubSource source([&](const upstream::ContentRequest& request, upstream::ContentSink& sink) {
        sink.on_bytes(part(bytes, {request.range.first, request.range.end - 1}));
        sink.on_done({});
    });
    open_over(source);
    EXPECT_EQ(read(*reader(content), 0, 10), "error:protocol");
    EXPECT_EQ(cache_->cached_bytes(content), 0U);
    EXPECT_FALSE(cache_->verified(content));
    cache_.reset();
}

TEST_F(Fetching, ARangeThatIsTooLongIsAnError) {
    const std::string bytes = pattern(3 * kBlock);
    const Content content{hash_content(HashKind::sha256, part(bytes, {0, 3 * kBlock})), 3 * kBlock};
    StubSource source([&](const upstream::ContentRequest& request, upstream::ContentSink& sink) {
        const bool more = sink.on_bytes(part(bytes, {request.range.first, request.range.end + 1}));
        sink.on_done(more ? Status() : fail(Code::cancelled, "stopped"));
    });
    open_over(source);
    EXPECT_EQ(read(*reader(content), 0, 10), "error:protocol");
    EXPECT_EQ(cache_->cached_bytes(content), 0U);
    cache_.reset();
}

TEST_F(Fetching, ALocationThatRefusesIsReplacedByAnother) {
    const std::string bytes = pattern(3 * kBlock);
    const Content content{hash_content(HashKind::sha256, part(bytes, {0, 3 * kBlock})), 3 * kBlock};
    StubSource source([&](const upstream::ContentRequest& request, upstream::ContentSink& sink) {
        if (request.location.path != "good") {
            sink.on_done(
                fail(request.location.path == "gone" ? Code::not_found : Code::denied, ""));
            return;
        }
        sink.on_bytes(part(bytes, request.range));
        sink.on_done({});
    });
    open_over(source);
    const auto good = reader(content, "good");
    const auto gone = reader(content, "gone");
    const auto denied = reader(content, "denied");
    EXPECT_EQ(read(*denied, 0, 10), bytes.substr(0, 10));
    ASSERT_EQ(source.asked().size(), 3U);
    EXPECT_EQ(source.asked()[0].location.path, "denied");
    EXPECT_EQ(source.asked()[1].location.path, "gone");
    // For a moment the others are not asked again.
    EXPECT_EQ(read(*gone, 2 * kBlock, 10), bytes.substr(2 * kBlock, 10));
    EXPECT_EQ(source.asked().size(), 4U);
    cache_.reset();
}

TEST_F(Fetching, WhenNoLocationHasTheContentThatIsUpstreamsFailureAndNoAbsence) {
    StubSource source([&](const upstream::ContentRequest&, upstream::ContentSink& sink) {
        sink.on_done(fail(Code::not_found, "no such file"));
    });
    const std::string bytes = pattern(10);
    const Content content{hash_content(HashKind::sha256, part(bytes, {0, 10})), 10};
    open_over(source);
    const auto one = reader(content, "one");
    const auto two = reader(content, "two");
    EXPECT_EQ(read(*one, 0, 10), "error:protocol");
    EXPECT_EQ(source.asked().size(), 2U);
    cache_.reset();
}

// P39
TEST_F(Fetching, AReaderWaitsAtMostTheDeadlineAndFiveSeconds) {
    const std::string bytes = pattern(3 * kBlock);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    source_.hold();
    const auto file = reader(content);
    Read parked(*file, 0, 10);
    ASSERT_TRUE(source_.wait_held(1));
    clock_.advance(34s);
    Read later(*file, 10, 10);
    clock_.advance(1s);
    const auto result = parked.get();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Code::timed_out);
    // The kernel's second READ does not wait again.
    EXPECT_EQ(read(*file, 0, 10), "error:timed_out");
    // The stuck transfer was ended and asked anew for the one that came later.
    ASSERT_TRUE(source_.wait_held(1));
    source_.release();
    EXPECT_EQ(text(*later.get()), bytes.substr(10, 10));
}

TEST_F(Fetching, ReadAheadThatFailsIsNotTheReadersFailure) {
    const std::string bytes = pattern(40 * kBlock);
    ContentScript script;
    script.fail_at = 5 * kBlock;
    script.failures = 1;
    const Content content = source_.add_content(HashKind::sha256, bytes, script);
    open();
    const auto file = reader(content);
    EXPECT_EQ(read(*file, 0, 100), bytes.substr(0, 100));
    EXPECT_EQ(read(*file, 100, 100), bytes.substr(100, 100));
    ASSERT_TRUE(source_.wait_delivered(12 * kBlock));
    ASSERT_TRUE(source_.wait_idle());
    EXPECT_EQ(read(*file, 5 * kBlock, 100), bytes.substr(5 * kBlock, 100));
}

TEST_F(Fetching, ReadsOfTheSameBlocksUnderWayAskNothingMore) {
    const std::string bytes = pattern(8 * kBlock);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    source_.hold();
    const auto file = reader(content);
    Read first(*file, 0, 4 * kBlock);
    Read inside(*file, kBlock, kBlock);
    Read across(*file, 3 * kBlock, 2 * kBlock);
    ASSERT_TRUE(source_.wait_held(2));
    source_.release();
    EXPECT_EQ(text(*first.get()), bytes.substr(0, 4 * kBlock));
    EXPECT_EQ(text(*inside.get()), bytes.substr(kBlock, kBlock));
    EXPECT_EQ(text(*across.get()), bytes.substr(3 * kBlock, 2 * kBlock));
    std::uint64_t asked = 0;
    for (const auto& request : source_.content_requests()) {
        asked += request.range.first < 5 * kBlock ? request.range.size() : 0;
    }
    EXPECT_EQ(asked, 5 * kBlock);
}

TEST_F(Fetching, ALargeReadIsSeveralBoundedRanges) {
    config_.connections = 8;
    const std::string bytes = pattern(20U << 20);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    EXPECT_TRUE(read(*reader(content), 0, bytes.size()) == bytes);
    for (const auto& request : source_.content_requests()) {
        EXPECT_LE(request.range.size(), 8U << 20);
    }
    EXPECT_EQ(source_.content_count(), 3U);
}

}  // namespace
}  // namespace hubfs::test
