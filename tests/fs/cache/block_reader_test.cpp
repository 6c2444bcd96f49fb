// SPDX-License-Identifier: Apache-2.0
// Reading through the cache: every byte is upstream's, and is fetched once.
#include <thread>

#include "tests/fs/cache/cache_fixture.h"

namespace hubfs::test {
namespace {

using BlockReading = CacheTest;

TEST_F(BlockReading, AColdFileIsFetchedAndAWarmOneIsNot) {
    const std::string bytes = pattern(5 * kBlock + 100);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    {
        const auto cold = reader(content);
        EXPECT_EQ(read_all(*cold, bytes.size(), 10000), bytes);
    }
    EXPECT_EQ(source_.delivered_bytes(), bytes.size());
    const std::size_t asked = source_.content_count();
    const auto warm = reader(content);
    EXPECT_EQ(read_all(*warm, bytes.size(), kBlock), bytes);
    EXPECT_EQ(source_.content_count(), asked);
    EXPECT_TRUE(cache_->verified(content));
    EXPECT_EQ(cache_->cached_bytes(content), bytes.size());
}

TEST_F(BlockReading, AWarmReadIsAnsweredOnTheCallersThread) {
    const Content content = source_.add_content(HashKind::git_sha1, "hello\n");
    open();
    const auto file = reader(content);
    EXPECT_EQ(read(*file, 0, 100), "hello\n");
    std::thread::id answered;
    file->read(0, 6, [&](Result<cache::Bytes>) { answered = std::this_thread::get_id(); });
    EXPECT_EQ(answered, std::this_thread::get_id());
}

// P2
TEST_F(BlockReading, AnyRangeIsTheSameRangeOfTheContent) {
    const std::string bytes = pattern(3 * kBlock + 1);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    const auto file = reader(content);
    struct Case {
        std::uint64_t offset;
        std::size_t size;
    };
    for (const Case c : {Case{0, 1}, Case{kBlock - 1, 2}, Case{kBlock, kBlock}, Case{1, 3 * kBlock},
                         Case{3 * kBlock, 1}, Case{3 * kBlock, 100}, Case{2 * kBlock - 7, 500}}) {
        const std::string want = bytes.substr(c.offset, c.size);
        EXPECT_EQ(read(*file, c.offset, c.size), want) << c.offset << "+" << c.size;
    }
}

TEST_F(BlockReading, NothingIsReadAtOrAfterTheEnd) {
    const Content content = source_.add_content(HashKind::sha256, pattern(100));
    open();
    const auto file = reader(content);
    EXPECT_EQ(read(*file, 100, 10), "");
    EXPECT_EQ(read(*file, 1 << 30, 10), "");
    EXPECT_EQ(read(*file, 5, 0), "");
    EXPECT_EQ(source_.content_count(), 0U);
}

TEST_F(BlockReading, AnEmptyContentNeedsNoUpstream) {
    const Content content = source_.add_content(HashKind::git_sha1, "");
    open();
    EXPECT_EQ(read(*reader(content), 0, 10), "");
    EXPECT_TRUE(cache_->verified(content));
    EXPECT_EQ(source_.content_count(), 0U);
    const Content liar{hash_content(HashKind::sha256, std::as_bytes(std::span("x", 1))), 0};
    EXPECT_FALSE(cache_->verified(liar));
    const auto refused = cache_->open_reader(liar, at());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::corrupt);
}

// P8
TEST_F(BlockReading, FiftyReadersOfOneColdFileFetchItOnce) {
    const std::string bytes = pattern(20 * kBlock + 5);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    std::vector<std::unique_ptr<cache::Reader>> readers;
    std::vector<std::string> got(50);
    for (int i = 0; i < 50; ++i) {
        readers.push_back(reader(content));
    }
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < got.size(); ++i) {
        threads.emplace_back([&, i] { got[i] = read_all(*readers[i], bytes.size(), 30000); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (const std::string& one : got) {
        EXPECT_TRUE(one == bytes);
    }
    EXPECT_EQ(source_.delivered_bytes(), bytes.size());
    std::uint64_t asked = 0;
    for (const auto& request : source_.content_requests()) {
        EXPECT_EQ(request.range.first % kBlock, 0U);
        asked += request.range.size();
    }
    EXPECT_EQ(asked, bytes.size());
}

TEST_F(BlockReading, BytesAreReadableAsTheyArriveNotWhenTheBlockIsFull) {
    const std::string bytes = pattern(2 * kBlock);
    ContentScript script;
    script.chunk_bytes = 1000;
    script.pause_at = kBlock / 2;
    const Content content = source_.add_content(HashKind::sha256, bytes, script);
    open();
    const auto file = reader(content);
    Read first(*file, 0, kBlock / 2);
    Read second(*file, kBlock / 2, kBlock / 2);
    EXPECT_EQ(text(*first.get()), bytes.substr(0, kBlock / 2));
    ASSERT_TRUE(source_.wait_paused(1));
    EXPECT_FALSE(second.done());
    source_.resume();
    EXPECT_EQ(text(*second.get()), bytes.substr(kBlock / 2, kBlock / 2));
}

TEST_F(BlockReading, AReadOfTheTailFetchesTheTailOnly) {
    const std::string bytes = pattern(100 * kBlock + 10);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    const auto file = reader(content);
    EXPECT_EQ(read(*file, bytes.size() - 20, 20), bytes.substr(bytes.size() - 20));
    EXPECT_EQ(source_.delivered_bytes(), kBlock + 10);
    EXPECT_EQ(cache_->ranges(content, 10), (std::vector<ByteRange>{{99 * kBlock, bytes.size()}}));
    EXPECT_TRUE(cache_->held(content, {99 * kBlock, bytes.size()}));
    EXPECT_FALSE(cache_->held(content, {99 * kBlock - 1, bytes.size()}));
}

TEST_F(BlockReading, ASequentialReaderIsReadAheadFor) {
    const std::string bytes = pattern(200 * kBlock);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    const auto file = reader(content);
    EXPECT_EQ(read(*file, 0, 1000), bytes.substr(0, 1000));
    EXPECT_EQ(read(*file, 1000, 1000), bytes.substr(1000, 1000));
    // One MiB beyond the second read, whole blocks.
    ASSERT_TRUE(source_.wait_delivered(17 * kBlock));
    ASSERT_TRUE(source_.wait_idle());
    EXPECT_EQ(source_.delivered_bytes(), 17 * kBlock);
}

TEST_F(BlockReading, DestroyingTheReaderEndsReadAheadButNotReadsUnderWay) {
    const std::string bytes = pattern(200 * kBlock);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    source_.hold();
    auto file = reader(content);
    Read first(*file, 0, 1000);
    Read second(*file, 1000, 1000);
    file.reset();
    source_.release();
    EXPECT_EQ(text(*first.get()), bytes.substr(0, 1000));
    EXPECT_EQ(text(*second.get()), bytes.substr(1000, 1000));
    ASSERT_TRUE(source_.wait_idle());
    EXPECT_LE(source_.delivered_bytes(), 17 * kBlock);
}

TEST_F(BlockReading, ABlockThatHasBegunIsFinishedThoughItsReaderLeft) {
    const std::string bytes = pattern(4 * kBlock);
    ContentScript script;
    script.pause_at = 100;
    const Content content = source_.add_content(HashKind::sha256, bytes, script);
    open();
    auto file = reader(content);
    Read first(*file, 0, 50);
    EXPECT_EQ(text(*first.get()), bytes.substr(0, 50));
    ASSERT_TRUE(source_.wait_paused(1));
    file.reset();
    source_.resume();
    ASSERT_TRUE(source_.wait_idle());
    const std::uint64_t delivered = source_.delivered_bytes();
    EXPECT_LT(delivered, 2 * kBlock);
    EXPECT_EQ(read(*reader(content), 0, kBlock), bytes.substr(0, kBlock));
    EXPECT_EQ(source_.delivered_bytes(), delivered);
}

TEST_F(BlockReading, WhatIsOnItsWayIsFinishedAndNotFetchedTwice) {
    const std::string bytes = pattern(32 * kBlock);
    ContentScript script;
    script.pause_at = kBlock;  // where read-ahead begins
    const Content content = source_.add_content(HashKind::sha256, bytes, script);
    config_.finish_bytes = 64 * kBlock;
    open();
    auto file = reader(content);
    EXPECT_EQ(read(*file, 0, 1000), bytes.substr(0, 1000));
    EXPECT_EQ(read(*file, 1000, 1000), bytes.substr(1000, 1000));
    ASSERT_TRUE(source_.wait_paused(1));
    file.reset();
    source_.resume();
    ASSERT_TRUE(source_.wait_idle());
    EXPECT_EQ(source_.cancelled_count(), 0U);
    const std::uint64_t delivered = source_.delivered_bytes();
    EXPECT_GT(delivered, kBlock);
    EXPECT_EQ(read(*reader(content), 0, delivered), bytes.substr(0, delivered));
    EXPECT_EQ(source_.delivered_bytes(), delivered);
}

TEST_F(BlockReading, TransfersEndWhenNobodyIsThereAnyMore) {
    const std::string bytes = pattern(32 * kBlock);
    ContentScript script;
    script.pause_at = kBlock;  // where read-ahead begins
    const Content content = source_.add_content(HashKind::sha256, bytes, script);
    open();
    auto file = reader(content);
    EXPECT_EQ(read(*file, 0, 1000), bytes.substr(0, 1000));
    EXPECT_EQ(read(*file, 1000, 1000), bytes.substr(1000, 1000));
    ASSERT_TRUE(source_.wait_paused(1));
    file.reset();
    ASSERT_TRUE(source_.wait_idle());
    EXPECT_GE(source_.cancelled_count(), 1U);
    // A new reader asks again.
    source_.resume();
    EXPECT_EQ(read(*reader(content), kBlock, kBlock), bytes.substr(kBlock, kBlock));
}

TEST_F(BlockReading, ClosingTheCacheAnswersWhoWaits) {
    const Content content = source_.add_content(HashKind::sha256, pattern(4 * kBlock));
    open();
    source_.hold();
    const auto file = reader(content);
    Read parked(*file, 0, 50);
    cache_.reset();
    const auto result = parked.get();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Code::cancelled);
    EXPECT_EQ(read(*file, 0, 50), "error:cancelled");
}

TEST_F(BlockReading, AVerifiedContentHasAFileOfItsOwn) {
    const std::string bytes = pattern(2 * kBlock);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    const auto file = reader(content);
    EXPECT_FALSE(file->verified_file().valid());
    EXPECT_EQ(read_all(*file, bytes.size(), kBlock), bytes);
    const Fd fd = file->verified_file();
    ASSERT_TRUE(fd.valid());
    std::string from_disk(bytes.size() + 1, '\0');
    EXPECT_EQ(::pread(fd.get(), from_disk.data(), from_disk.size(), 0),
              static_cast<ssize_t>(bytes.size()));
    from_disk.pop_back();
    EXPECT_EQ(from_disk, bytes);
    EXPECT_EQ(::pwrite(fd.get(), "x", 1, 0), -1);
}

TEST_F(BlockReading, UsageAndStatisticsSayWhatHappened) {
    const std::string bytes = pattern(2 * kBlock);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    const auto file = reader(content);
    EXPECT_EQ(read_all(*file, bytes.size(), kBlock), bytes);
    EXPECT_EQ(read(*file, 0, 10), bytes.substr(0, 10));
    const cache::CacheUsage usage = cache_->usage();
    EXPECT_EQ(usage.used_bytes, bytes.size());
    EXPECT_EQ(usage.contents, 1U);
    EXPECT_EQ(usage.verified, 1U);
    EXPECT_EQ(usage.limit_bytes, config_.size_bytes);
    EXPECT_EQ(stat_of("bytes_fetched"), bytes.size());
    EXPECT_EQ(stat_of("bytes_served"), bytes.size() + 10);
    EXPECT_GE(stat_of("hits"), 1U);
    EXPECT_GE(stat_of("misses"), 1U);
    EXPECT_EQ(stat_of("waiters"), 0U);
}

TEST_F(BlockReading, OfflineServesWhatIsHereAndRefusesTheRest) {
    const std::string bytes = pattern(4 * kBlock);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    EXPECT_EQ(read(*reader(content), 2 * kBlock, 10), bytes.substr(2 * kBlock, 10));
    config_.offline = true;
    open();
    const auto file = reader(content);
    EXPECT_EQ(read(*file, 2 * kBlock, 10), bytes.substr(2 * kBlock, 10));
    EXPECT_EQ(read(*file, 0, 10), "error:offline");
    EXPECT_EQ(source_.content_count(), 1U);
}

}  // namespace
}  // namespace hubfs::test
