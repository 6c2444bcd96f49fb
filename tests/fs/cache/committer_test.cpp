// SPDX-License-Identifier: Apache-2.0
// What is left of the cache when the daemon starts again.
#include "fs/cache/committer.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <thread>

#include "fs/base/checksum.h"
#include "fs/meta/blob_table.h"
#include "fs/meta/database.h"
#include "tests/fs/cache/cache_fixture.h"

namespace hubfs::test {
namespace {

class Restart : public CacheTest {
protected:
    // A crash: what was not committed is lost. The old cache's files stay as they are.
    void crash(const std::map<ContentHash, cache::BlobIndex::Record>& durable) {
        cache_.reset();
        for (const auto& [hash, record] : index_.records()) {
            index_.erase(hash);
        }
        for (const auto& [hash, record] : durable) {
            index_.put(hash, record);
        }
        open();
    }
};

TEST_F(Restart, WhatWasFlushedIsNotFetchedAgain) {
    const std::string bytes = pattern(6 * kBlock + 7);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    const auto file = reader(content);
    EXPECT_EQ(read(*file, kBlock, 1), bytes.substr(kBlock, 1));
    EXPECT_EQ(read(*file, 6 * kBlock, 7), bytes.substr(6 * kBlock));
    ASSERT_TRUE(cache_->flush());
    const auto durable = index_.records();
    ASSERT_EQ(durable.size(), 1U);
    EXPECT_EQ(durable.at(content.hash).bitmap, std::vector<std::uint8_t>{0x42});
    EXPECT_FALSE(durable.at(content.hash).verified);
    // Fetched, but not flushed any more.
    EXPECT_EQ(read(*file, 3 * kBlock, 1), bytes.substr(3 * kBlock, 1));
    crash(durable);
    EXPECT_EQ(cache_->ranges(content, 10),
              (std::vector<ByteRange>{{kBlock, 2 * kBlock}, {6 * kBlock, bytes.size()}}));
    EXPECT_EQ(cache_->usage().used_bytes, kBlock + 7);
    source_.reset_counts();
    EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
    EXPECT_EQ(source_.delivered_bytes(), bytes.size() - kBlock - 7);
    EXPECT_TRUE(cache_->verified(content));
}

TEST_F(Restart, AnOrderlyEndKeepsEverything) {
    const std::string bytes = pattern(3 * kBlock);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
    open();
    EXPECT_TRUE(cache_->verified(content));
    EXPECT_EQ(cache_->usage().verified, 1U);
    EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
    EXPECT_EQ(source_.delivered_bytes(), bytes.size());
}

TEST_F(Restart, RecordsWithoutFileAreForgottenAndFilesWithoutRecordAreJudged) {
    const std::string bytes = pattern(2 * kBlock, 1);
    const Content orphan = source_.add_content(HashKind::sha256, bytes);
    const Content lost = source_.add_content(HashKind::sha256, pattern(2 * kBlock, 2));
    const Content cut = source_.add_content(HashKind::git_sha1, pattern(2 * kBlock, 3));
    const Content kept = source_.add_content(HashKind::git_sha1, pattern(2 * kBlock, 4));
    open();
    for (const Content& content : {orphan, lost, cut, kept}) {
        EXPECT_EQ(read_all(*reader(content), content.size_bytes, kBlock).size(), 2U * kBlock);
    }
    ASSERT_TRUE(cache_->flush());
    auto durable = index_.records();
    ASSERT_EQ(durable.size(), 4U);
    cache_.reset();
    durable.erase(orphan.hash);
    std::filesystem::remove(file_of(lost.hash));
    std::filesystem::resize_file(file_of(cut.hash), kBlock);
    crash(durable);
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (stat_of("files_to_adopt") > 0 && std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
    }
    EXPECT_FALSE(std::filesystem::exists(file_of(cut.hash)));
    EXPECT_FALSE(cache_->held(cut, {0, 1}));
    EXPECT_FALSE(cache_->held(lost, {0, 1}));
    EXPECT_TRUE(cache_->verified(kept));
    EXPECT_TRUE(cache_->verified(orphan));  // all of it was there: adopter_test.cpp
    EXPECT_EQ(index_.records().size(), 2U);
    EXPECT_EQ(cache_->usage().contents, 2U);
    EXPECT_EQ(read_all(*reader(orphan), bytes.size(), kBlock), bytes);
}

TEST_F(Restart, ARecordThatContradictsItselfIsForgotten) {
    const std::string bytes = pattern(9 * kBlock);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    EXPECT_EQ(read(*reader(content), 0, 1), bytes.substr(0, 1));
    ASSERT_TRUE(cache_->flush());
    auto durable = index_.records();
    durable.at(content.hash).bitmap = {0x01, 0x80};  // a block beyond the end
    crash(durable);
    EXPECT_EQ(index_.records().size(), 0U);
    EXPECT_EQ(cache_->cached_bytes(content), 0U);
}

TEST_F(Restart, AnotherBlockSizeKeepsWhatIsThere) {
    const std::string bytes = pattern(6 * kBlock);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    EXPECT_EQ(read(*reader(content), 2 * kBlock, 1), bytes.substr(2 * kBlock, 1));
    config_.block_bytes = 4 * kBlock;
    open();
    EXPECT_EQ(cache_->cached_bytes(content), kBlock);
    EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
    EXPECT_EQ(source_.delivered_bytes(), bytes.size());
}

TEST_F(Restart, LosingADirectoryLosesOnlyItsContents) {
    const TempDir second;
    std::vector<Content> contents;
    for (unsigned i = 0; i < 8; ++i) {
        contents.push_back(source_.add_content(HashKind::sha256, pattern(100, i)));
    }
    config_.dirs = {second.path()};
    open();
    EXPECT_EQ(read(*reader(contents[0]), 0, 100), pattern(100, 0));
    ASSERT_TRUE(cache_->flush());
    const auto in_second = index_.records().at(contents[0].hash).directory;
    cache_.reset();
    config_.dirs = {dir_.path(), second.path()};
    open();
    for (unsigned i = 1; i < 8; ++i) {
        EXPECT_EQ(read(*reader(contents[i]), 0, 100), pattern(100, i));
    }
    ASSERT_TRUE(cache_->flush());
    std::size_t elsewhere = 0;
    for (const auto& [hash, record] : index_.records()) {
        elsewhere += record.directory != in_second ? 1U : 0U;
    }
    config_.dirs = {dir_.path()};
    open();
    EXPECT_EQ(cache_->usage().contents, elsewhere);
    EXPECT_EQ(read(*reader(contents[0]), 0, 100), pattern(100, 0));
    // When it comes back, its old files are nobody's.
    cache_.reset();
    config_.dirs = {dir_.path(), second.path()};
    open();
    for (unsigned i = 0; i < 8; ++i) {
        EXPECT_EQ(read(*reader(contents[i]), 0, 100), pattern(100, i));
    }
}

// P47
TEST_F(Restart, BlocksBecomeDurableByThemselves) {
    const std::string bytes = pattern(2 * kBlock);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    const auto file = reader(content);
    EXPECT_EQ(read_all(*file, bytes.size(), kBlock), bytes);
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!index_.records().contains(content.hash) && std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
    }
    EXPECT_TRUE(index_.records().contains(content.hash));
}

TEST_F(Restart, AFailedCommitIsTriedAgain) {
    const Content content = source_.add_content(HashKind::sha256, pattern(10));
    open();
    EXPECT_EQ(read(*reader(content), 0, 10), pattern(10));
    index_.refuse_writes(true);
    EXPECT_FALSE(cache_->flush());
    index_.refuse_writes(false);
    EXPECT_TRUE(cache_->flush());
    EXPECT_TRUE(index_.records().at(content.hash).verified);
}

// ---- kill -9, over the real store ----

constexpr std::size_t kCrashBlocks = 12;

struct Daemon {
    explicit Daemon(const std::string& dir) {
        database = std::move(meta::Database::open(dir + "/meta").value());
        table = std::make_unique<meta::BlobTable>(*database);
        cache::CacheConfig config;
        config.dirs = {dir + "/blobs"};
        config.block_bytes = kBlock;
        content = source.add_content(HashKind::sha256, pattern(kCrashBlocks * kBlock, 7));
        cache = std::move(cache::BlockCache::open(config, *table, source, clock).value());
    }
    std::string read(cache::Reader& reader, std::uint64_t offset, std::size_t size) {
        const auto result = Read(reader, offset, size).get();
        return result ? text(*result) : "error:" + std::string(name_of(result.error().code));
    }
    Clock clock;
    FakeSource source;
    Content content;
    std::unique_ptr<meta::Database> database;
    std::unique_ptr<meta::BlobTable> table;
    std::unique_ptr<cache::BlockCache> cache;
};

// Not a test: the process that the next one kills. Says "r" on descriptor 3 when it may die.
TEST(CrashChild, DISABLED_FetchesAndWaitsForItsDeath) {
    const char* dir = ::getenv("HFM_CRASH_DIR");  // NOLINT(concurrency-mt-unsafe)
    if (dir == nullptr) {
        GTEST_SKIP() << "run by Kill9 only";
    }
    Daemon daemon(dir);
    const auto reader = daemon.cache->open_reader(daemon.content, at()).value();
    daemon.read(*reader, 2 * kBlock, 2 * kBlock);
    ASSERT_TRUE(daemon.cache->flush());
    daemon.read(*reader, 8 * kBlock, 2 * kBlock);
    ASSERT_EQ(::write(3, "r", 1), 1);
    for (;;) {
        ::pause();
    }
}

class Child {
public:
    Child(const std::string& dir, int ready_fd) {
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ready_fd, 3);
        std::string filter = "--gtest_filter=CrashChild.*";
        std::string disabled = "--gtest_also_run_disabled_tests";
        std::string name = "crash-child";
        std::string variable = "HFM_CRASH_DIR=" + dir;
        std::array<char*, 4> arguments{name.data(), filter.data(), disabled.data(), nullptr};
        std::array<char*, 2> environment{variable.data(), nullptr};
        EXPECT_EQ(::posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr, arguments.data(),
                                environment.data()),
                  0);
        posix_spawn_file_actions_destroy(&actions);
    }
    ~Child() { kill9(); }
    void kill9() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
            pid_ = 0;
        }
    }

private:
    pid_t pid_ = 0;
};

// P47
TEST(Kill9, WhatWasFlushedIsThereAndNothingWrongIsServed) {
    const TempDir dir;
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
    const Fd ready(pipe[0]);
    Fd child_end(pipe[1]);
    Child child(dir.path(), child_end.get());
    child_end.reset();
    pollfd wait{ready.get(), POLLIN, 0};
    ASSERT_EQ(::poll(&wait, 1, 30000), 1);
    char byte = 0;
    ASSERT_EQ(::read(ready.get(), &byte, 1), 1) << "the child died by itself";
    child.kill9();

    Daemon daemon(dir.path());
    EXPECT_TRUE(daemon.cache->held(daemon.content, {2 * kBlock, 4 * kBlock}));
    const std::string bytes = pattern(kCrashBlocks * kBlock, 7);
    // Each block that is held has the checksum of its bytes, the others have none.
    const auto rows = daemon.table->sums(daemon.content.hash);
    ASSERT_TRUE(rows && rows->size() == 1);
    for (std::uint64_t block = 0; block < kCrashBlocks; ++block) {
        const std::string part = bytes.substr(block * kBlock, kBlock);
        const ByteRange range{block * kBlock, (block + 1) * kBlock};
        EXPECT_EQ(rows->front().sums[block], daemon.cache->held(daemon.content, range)
                                                 ? checksum(std::as_bytes(std::span(part)))
                                                 : 0)
            << block;
    }
    for (const ByteRange held : daemon.cache->ranges(daemon.content, 100)) {
        const auto reader = daemon.cache->open_reader(daemon.content, at()).value();
        EXPECT_EQ(daemon.read(*reader, held.first, held.size()),
                  bytes.substr(held.first, held.size()));
    }
    EXPECT_EQ(daemon.source.content_count(), 0U);
    const auto reader = daemon.cache->open_reader(daemon.content, at()).value();
    EXPECT_TRUE(daemon.read(*reader, 0, bytes.size()) == bytes);
    EXPECT_LE(daemon.source.delivered_bytes(), (kCrashBlocks - 2) * kBlock);
    EXPECT_TRUE(daemon.cache->verified(daemon.content));
}

}  // namespace
}  // namespace hubfs::test
