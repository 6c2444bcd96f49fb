// SPDX-License-Identifier: Apache-2.0
// Contents that come from a file instead of upstream.
#include "fs/cache/taker.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "fs/base/hash.h"
#include "tests/fs/cache/cache_fixture.h"

namespace hubfs::cache {
namespace {

using test::kBlock;
using test::pattern;

class Taking : public test::CacheTest {
protected:
    Fd file_with(const std::string& bytes) {
        const std::string path = outside_.path() + "/file";
        std::ofstream(path, std::ios::binary) << bytes;
        return Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    }
    static Content content_of(const std::string& bytes, HashKind kind = HashKind::sha256) {
        return {hash_content(kind, std::as_bytes(std::span(bytes))), bytes.size()};
    }
    Result<bool> take(const Content& content, const std::string& bytes) {
        return cache_->take(content, file_with(bytes), [] { return true; });
    }
    // Files of the cache below its two folders.
    [[nodiscard]] std::size_t files() const {
        std::size_t n = 0;
        for (const auto* const kind : {"/sha256", "/git-sha1"}) {
            for (const auto& each :
                 std::filesystem::recursive_directory_iterator(dir_.path() + kind)) {
                n += each.is_regular_file() ? 1U : 0U;
            }
        }
        return n;
    }
    test::TempDir outside_;
};

TEST_F(Taking, AContentFromAFileIsVerifiedAndReadWithoutUpstream) {
    open();
    for (const HashKind kind : {HashKind::sha256, HashKind::git_sha1}) {
        const std::string bytes = pattern(3 * kBlock + 9, 5);
        const Content content = content_of(bytes, kind);
        const auto taken = take(content, bytes);
        ASSERT_TRUE(taken) << taken.error().message;
        EXPECT_TRUE(*taken);
        EXPECT_TRUE(cache_->verified(content));
        EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
        const auto again = take(content, "whatever: it is not looked at");
        ASSERT_TRUE(again);
        EXPECT_FALSE(*again);
    }
    EXPECT_EQ(source_.content_count(), 0U);
    EXPECT_EQ(stat_of("verified_contents"), 2U);
    const std::uint64_t used = stat_of("used_bytes");
    EXPECT_EQ(used, 2U * (3 * kBlock + 9));
    open();  // and it is recorded for good
    EXPECT_EQ(stat_of("used_bytes"), used);
    EXPECT_EQ(stat_of("verified_contents"), 2U);
}

TEST_F(Taking, AFileThatIsNotTheContentLeavesNothing) {
    open();
    const std::string bytes = pattern(2 * kBlock, 6);
    const Content content = content_of(bytes);
    std::string wrong = bytes;
    wrong[kBlock] = static_cast<char>(wrong[kBlock] ^ 1);
    for (const std::string& file :
         {wrong, bytes.substr(1), bytes + "x", std::string(), bytes.substr(0, kBlock)}) {
        const auto taken = take(content, file);
        ASSERT_FALSE(taken) << file.size();
        EXPECT_EQ(taken.error().code, Code::corrupt);
        EXPECT_FALSE(cache_->verified(content));
        EXPECT_EQ(files(), 0U);
    }
    EXPECT_EQ(stat_of("used_bytes"), 0U);
    ASSERT_TRUE(take(content, bytes));
}

TEST_F(Taking, WhatWasHereInPartIsReplaced) {
    open();
    const std::string bytes = pattern(4 * kBlock, 7);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    EXPECT_EQ(read(*reader(content), 2 * kBlock, 10), bytes.substr(2 * kBlock, 10));
    ASSERT_TRUE(cache_->flush());
    const auto taken = take(content, bytes);
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_TRUE(cache_->verified(content));
    EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
    EXPECT_EQ(stat_of("used_bytes"), bytes.size());
    EXPECT_EQ(stat_of("contents"), 1U);
}

TEST_F(Taking, WhatSomebodyReadsIsLeftAlone) {
    open();
    const std::string bytes = pattern(4 * kBlock, 8);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    const auto held = reader(content);
    EXPECT_EQ(read(*held, 0, 10), bytes.substr(0, 10));
    const auto taken = take(content, bytes);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Code::unavailable);
    EXPECT_EQ(read_all(*held, bytes.size(), kBlock), bytes);
    EXPECT_EQ(files(), 1U);
}

TEST_F(Taking, ACopyThatACrashLeftIsSweptAndACancelledOneIsGone) {
    open();
    const std::string bytes = pattern(kBlock, 9);
    const Content content = content_of(bytes);
    const auto cancelled = cache_->take(content, file_with(bytes), [] { return false; });
    ASSERT_FALSE(cancelled);
    EXPECT_EQ(cancelled.error().code, Code::cancelled);
    EXPECT_EQ(files(), 0U);
    std::ofstream(file_of(content.hash) + ".new") << "half";
    EXPECT_EQ(take(content, bytes).error().code, Code::unavailable);
    open();
    EXPECT_EQ(files(), 0U);
    EXPECT_TRUE(take(content, bytes));
}

TEST_F(Taking, MoreThanTheQuotaIsRefused) {
    config_.size_bytes = 2 * kBlock;
    open();
    const std::string bytes = pattern(3 * kBlock, 10);
    EXPECT_EQ(take(content_of(bytes), bytes).error().code, Code::unavailable);
    EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace hubfs::cache
