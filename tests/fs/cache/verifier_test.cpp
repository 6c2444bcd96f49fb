// SPDX-License-Identifier: Apache-2.0
// Nothing unverified is ever called complete, and wrong bytes never reach the end of a file.
#include "fs/cache/verifier.h"

#include <atomic>
#include <fstream>

#include "tests/fs/cache/cache_fixture.h"

namespace hubfs::test {
namespace {

class Verifying : public CacheTest {
protected:
    Verifying() {
        config_.on_dropped = [this](const ContentHash& hash) {
            dropped_.with([&](auto& all) { all.push_back(hash); });
        };
    }
    std::vector<ContentHash> dropped() {
        return dropped_.with([](const auto& all) { return all; });
    }
    Guarded<std::vector<ContentHash>> dropped_;
};

// P3
TEST_F(Verifying, NotOneByteOfASmallContentLeavesBeforeItIsVerified) {
    const std::string bytes = pattern(1000);
    ContentScript script;
    script.wrong_byte = 999;
    script.wrong_times = 1;
    const Content content = source_.add_content(HashKind::git_sha1, bytes, script);
    open();
    EXPECT_EQ(read(*reader(content), 0, 10), "error:corrupt");
    EXPECT_EQ(stat_of("bytes_served"), 0U);
    EXPECT_FALSE(cache_->verified(content));
    EXPECT_EQ(dropped(), std::vector<ContentHash>{content.hash});
    // The next reader fetches again, and upstream is honest this time.
    EXPECT_EQ(read(*reader(content), 0, 10), bytes.substr(0, 10));
    EXPECT_TRUE(cache_->verified(content));
    EXPECT_EQ(stat_of("mismatches"), 1U);
}

// P4
TEST_F(Verifying, ALargeContentStreamsButItsLastBlockIsWithheldWhenItIsWrong) {
    const std::string bytes = pattern(4 * kBlock);
    ContentScript script;
    script.wrong_byte = 5;
    script.wrong_times = 1;
    const Content content = source_.add_content(HashKind::sha256, bytes, script);
    open();
    const auto file = reader(content);
    const auto idle = reader(content);
    EXPECT_FALSE(idle->was_wrong());
    EXPECT_EQ(read(*file, 3 * kBlock, kBlock), bytes.substr(3 * kBlock));
    EXPECT_NE(read(*file, 0, kBlock), bytes.substr(0, kBlock));
    EXPECT_EQ(read(*file, 2 * kBlock, kBlock), bytes.substr(2 * kBlock, kBlock));
    EXPECT_EQ(read(*file, kBlock, 1), "error:corrupt");
    EXPECT_EQ(cache_->cached_bytes(content), 0U);
    EXPECT_EQ(cache_->usage().used_bytes, 0U);
    EXPECT_EQ(dropped().size(), 1U);
    // Who opens it now must not find pages of what was dropped; who had it open gets no more.
    EXPECT_TRUE(reader(content)->was_wrong());
    EXPECT_EQ(read(*idle, 0, 1), "error:corrupt");
    // Right and wrong bytes do not mix in one open file, even after everything is fetched anew.
    EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
    EXPECT_TRUE(cache_->verified(content));
    EXPECT_EQ(read(*file, 0, kBlock), "error:corrupt");
    EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
}

TEST_F(Verifying, TheLastBlockIsNotEvenReadablePartByPart) {
    const std::string bytes = pattern(2 * kBlock);
    ContentScript script;
    script.pause_at = kBlock + 1000;
    const Content content = source_.add_content(HashKind::sha256, bytes, script);
    open();
    const auto file = reader(content);
    EXPECT_EQ(read(*file, 0, kBlock), bytes.substr(0, kBlock));
    Read early(*file, kBlock, 10);
    ASSERT_TRUE(source_.wait_paused(1));
    EXPECT_EQ(read(*file, 0, 10), bytes.substr(0, 10));
    EXPECT_FALSE(early.done());
    source_.resume();
    EXPECT_EQ(text(*early.get()), bytes.substr(kBlock, 10));
}

TEST_F(Verifying, ReadersThatWaitedAreFailedAndTransfersOfTheOldBytesAreVoid) {
    const std::string bytes = pattern(2 * kBlock);
    ContentScript script;
    script.wrong_byte = 0;
    script.wrong_times = 1;
    const Content content = source_.add_content(HashKind::sha256, bytes, script);
    open();
    const auto file = reader(content);
    source_.hold();
    std::vector<Read> parked;
    for (int i = 0; i < 10; ++i) {
        parked.emplace_back(*file, kBlock, 10);
        parked.emplace_back(*file, 0, 2 * kBlock);
    }
    source_.release();
    int corrupt = 0;
    for (Read& one : parked) {
        const auto result = one.get();
        corrupt += !result && result.error().code == Code::corrupt ? 1 : 0;
    }
    EXPECT_GE(corrupt, 10);  // all that needed both blocks
    EXPECT_EQ(stat_of("mismatches"), 1U);
}

TEST_F(Verifying, ACompleteFileWithoutItsHashIsHashedWhenItIsOpened) {
    const std::string bytes = pattern(3 * kBlock);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
    cache_.reset();
    // As a crash between the last block and its hash leaves it.
    auto record = index_.records().at(content.hash);
    ASSERT_TRUE(record.verified);
    record.verified = false;
    record.bitmap = {0x07};
    index_.put(content.hash, record);
    open();
    EXPECT_FALSE(cache_->verified(content));
    EXPECT_FALSE(cache_->held(content, {0, bytes.size()}));
    EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
    EXPECT_TRUE(cache_->verified(content));
    EXPECT_EQ(source_.delivered_bytes(), bytes.size());

    // The same with a byte that rotted meanwhile.
    cache_.reset();
    index_.put(content.hash, record);
    std::fstream(file_of(content.hash), std::ios::in | std::ios::out | std::ios::binary)
        .seekp(100)
        .put(static_cast<char>(~bytes[100]));
    open();
    {
        // The hash begins when it is opened, and finds the block by its checksum.
        const auto file = reader(content);
        EXPECT_EQ(read(*file, 2 * kBlock, 10), bytes.substr(2 * kBlock, 10));
        EXPECT_EQ(read_all(*file, bytes.size(), kBlock), bytes);
    }
    EXPECT_EQ(stat_of("damaged_blocks"), 1U);
    EXPECT_EQ(stat_of("mismatches"), 0U);
    EXPECT_TRUE(cache_->verified(content));

    // And in a store from before there were checksums.
    cache_.reset();
    index_.put(content.hash, record);
    index_.forget_sums();
    std::fstream(file_of(content.hash), std::ios::in | std::ios::out | std::ios::binary)
        .seekp(100)
        .put(static_cast<char>(~bytes[100]));
    open();
    {
        // The first read fails or is already fetched anew.
        const auto file = reader(content);
        const std::string last = read(*file, 2 * kBlock, 10);
        EXPECT_TRUE(last == "error:corrupt" || last == bytes.substr(2 * kBlock, 10));
    }
    EXPECT_EQ(stat_of("mismatches"), 1U);
    EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
}

TEST_F(Verifying, ContentWhoseRecordCannotBeForgottenIsServedButNotStoredAnyMore) {
    const std::string bytes = pattern(2 * kBlock);
    ContentScript script;
    script.wrong_byte = 0;
    script.wrong_times = 1;
    const Content content = source_.add_content(HashKind::sha256, bytes, script);
    open();
    index_.refuse_writes(true);
    EXPECT_EQ(read(*reader(content), 0, 2 * kBlock), "error:corrupt");
    const auto file = reader(content);
    EXPECT_EQ(read_all(*file, bytes.size(), kBlock), bytes);
    EXPECT_EQ(cache_->cached_bytes(content), 0U);
    index_.refuse_writes(false);
}

TEST_F(Verifying, AFileThatVanishesUnderUsIsFetchedAgain) {
    const std::string bytes = pattern(3 * kBlock);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
    std::filesystem::remove(file_of(content.hash));
    EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
    EXPECT_EQ(source_.delivered_bytes(), 2 * bytes.size());
    EXPECT_EQ(stat_of("lost"), 1U);
    EXPECT_TRUE(dropped().empty());
}

}  // namespace
}  // namespace hubfs::test
