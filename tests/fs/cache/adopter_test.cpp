// SPDX-License-Identifier: Apache-2.0
// A store that was lost: what the files of the cache are worth without their records.
#include "fs/cache/adopter.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "tests/fs/cache/cache_fixture.h"

namespace hubfs::cache {
namespace {

using test::kBlock;
using test::pattern;

class Adopting : public test::CacheTest {
protected:
    // Fetches and verifies it, so that its file is whole.
    Content cached(const std::string& bytes, HashKind kind = HashKind::sha256) {
        const Content content = source_.add_content(kind, bytes);
        const auto file = reader(content);
        EXPECT_EQ(read_all(*file, bytes.size(), kBlock), bytes);
        return content;
    }
    void wait_for(std::string_view name, std::uint64_t value) {
        const auto until = std::chrono::steady_clock::now() + test::kPatience;
        while (stat_of(name) != value && std::chrono::steady_clock::now() < until) {
            std::this_thread::yield();
        }
        ASSERT_EQ(stat_of(name), value) << name;
    }
    void lose_the_store() {
        cache_.reset();
        index_.clear();
        open();
    }
};

// P53
TEST_F(Adopting, WholeFilesAreVerifiedContentsAgainWithoutUpstream) {
    open();
    const std::string large = pattern(5 * kBlock + 7);
    const std::string small = pattern(100, 2);
    const Content a = cached(large);
    const Content b = cached(small, HashKind::git_sha1);
    wait_for("verified_contents", 2);
    lose_the_store();
    wait_for("files_to_adopt", 0);
    wait_for("verified_contents", 2);
    EXPECT_EQ(stat_of("used_bytes"), large.size() + small.size());
    const std::uint64_t delivered = source_.delivered_bytes();
    EXPECT_TRUE(cache_->verified(a));
    EXPECT_EQ(read_all(*reader(a), large.size(), kBlock), large);
    EXPECT_EQ(read_all(*reader(b), small.size(), kBlock), small);
    EXPECT_EQ(source_.delivered_bytes(), delivered);
    open();  // and they are recorded for good
    EXPECT_EQ(stat_of("verified_contents"), 2U);
}

TEST_F(Adopting, TheOldestFilesAreTheColdestAndNoneIsWarmerThanNow) {
    open();
    const Content old = cached(pattern(kBlock, 1));
    const Content older = cached(pattern(kBlock, 2));
    const Content future = cached(pattern(kBlock, 3));
    wait_for("verified_contents", 3);
    cache_.reset();
    const auto now = std::filesystem::file_time_type::clock::now();
    const auto set = [&](const Content& content, std::chrono::hours ago) {
        std::filesystem::last_write_time(file_of(content.hash), now - ago);
    };
    set(old, std::chrono::hours(24 * 2000));
    set(older, std::chrono::hours(24 * 2100));
    set(future, std::chrono::hours(-24 * 1000));
    index_.clear();
    open();
    wait_for("verified_contents", 3);
    auto records = index_.records();
    EXPECT_LT(records[older.hash].warmth, records[old.hash].warmth);
    EXPECT_EQ(records[old.hash].warmth, meta::weeks_since_1970(records[old.hash].last_used));
    EXPECT_LT(records[old.hash].warmth, records[future.hash].warmth);
    EXPECT_EQ(records[future.hash].warmth, meta::weeks_since_1970(clock_.now()));
}

TEST_F(Adopting, AFileWithWrongBytesIsRemovedAndFetchedAgain) {
    open();
    const std::string bytes = pattern(3 * kBlock);
    const Content content = cached(bytes);
    wait_for("verified_contents", 1);
    cache_.reset();
    std::fstream(file_of(content.hash), std::ios::in | std::ios::out | std::ios::binary)
        .seekp(kBlock + 5)
        .put(static_cast<char>(~bytes[kBlock + 5]));
    lose_the_store();
    wait_for("files_to_adopt", 0);
    EXPECT_FALSE(std::filesystem::exists(file_of(content.hash)));
    EXPECT_EQ(stat_of("contents"), 0U);
    EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
}

TEST_F(Adopting, AFileWithHolesIsRemovedAtOnce) {
    open();
    const Content content = source_.add_content(HashKind::sha256, pattern(20 * kBlock));
    EXPECT_EQ(read(*reader(content), 0, 10), pattern(20 * kBlock).substr(0, 10));
    ASSERT_TRUE(source_.wait_idle());
    cache_.reset();
    ASSERT_TRUE(std::filesystem::exists(file_of(content.hash)));
    index_.clear();
    open();
    EXPECT_FALSE(std::filesystem::exists(file_of(content.hash)));
}

TEST_F(Adopting, AFileThatIsInUseByThenIsLeftToItsReader) {
    open();
    const std::string bytes = pattern(3 * kBlock);
    const Content content = cached(bytes);
    wait_for("verified_contents", 1);
    cache_.reset();
    index_.clear();
    open();
    const auto file = reader(content);  // before or after it was adopted: both must be right
    EXPECT_EQ(read_all(*file, bytes.size(), kBlock), bytes);
    wait_for("files_to_adopt", 0);
    EXPECT_EQ(read_all(*file, bytes.size(), kBlock), bytes);
    wait_for("verified_contents", 1);
    EXPECT_EQ(stat_of("contents"), 1U);
    EXPECT_EQ(stat_of("used_bytes"), bytes.size());
}

}  // namespace
}  // namespace hubfs::cache
