// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/scrubber.h"

#include <filesystem>
#include <fstream>

#include "tests/fs/cache/cache_fixture.h"

namespace hubfs::test {
namespace {

class Scrubbing : public CacheTest {
protected:
    Content stored(const std::string& bytes) {
        const Content content = source_.add_content(HashKind::sha256, bytes);
        EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
        EXPECT_TRUE(cache_->verified(content));
        return content;
    }
    static bool go_on() { return true; }
};

TEST_F(Scrubbing, WhatIsAsItWasStaysAndCostsUpstreamNothing) {
    open();
    const std::string bytes = pattern(3 * kBlock + 17);
    const Content content = stored(bytes);
    source_.reset_counts();
    const auto good = cache_->check(content, go_on);
    ASSERT_TRUE(good) << good.error().message;
    EXPECT_TRUE(*good);
    EXPECT_TRUE(cache_->verified(content));
    EXPECT_EQ(source_.delivered_bytes(), 0U);
}

TEST_F(Scrubbing, AFlippedBitIsFoundDroppedAndFetchedAnew) {
    open();
    const std::string bytes = pattern(3 * kBlock + 17);
    const Content content = stored(bytes);
    ASSERT_TRUE(cache_->flush());
    {
        std::fstream file(file_of(content.hash), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(kBlock + 1);
        file.put(static_cast<char>(bytes[kBlock + 1] ^ 4));
    }
    const auto good = cache_->check(content, go_on);
    ASSERT_TRUE(good) << good.error().message;
    EXPECT_FALSE(*good);
    EXPECT_FALSE(cache_->verified(content));
    EXPECT_EQ(cache_->cached_bytes(content), 0U);
    EXPECT_EQ(stat_of("mismatches"), 1U);
    EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
    EXPECT_TRUE(*cache_->check(content, go_on));
}

TEST_F(Scrubbing, AFileThatIsGoneOrTooShortIsDropped) {
    open();
    for (const bool gone : {true, false}) {
        const std::string bytes = pattern(2 * kBlock, gone ? 1 : 2);
        const Content content = stored(bytes);
        ASSERT_TRUE(cache_->flush());
        if (gone) {
            std::filesystem::remove(file_of(content.hash));
        } else {
            std::filesystem::resize_file(file_of(content.hash), kBlock);
        }
        const auto good = cache_->check(content, go_on);
        ASSERT_TRUE(good) << good.error().message;
        EXPECT_FALSE(*good);
        EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
    }
}

TEST_F(Scrubbing, OnlyWhatIsHereAsAWholeIsChecked) {
    open();
    const Content strange = source_.add_content(HashKind::sha256, pattern(2 * kBlock, 5));
    EXPECT_EQ(cache_->check(strange, go_on).error().code, Code::not_found);
    EXPECT_EQ(read(*reader(strange), 0, 10), pattern(2 * kBlock, 5).substr(0, 10));
    EXPECT_EQ(cache_->check(strange, go_on).error().code, Code::not_found);
    const Content whole = stored(pattern(kBlock, 6));
    EXPECT_EQ(cache_->check(whole, [] { return false; }).error().code, Code::cancelled);
    EXPECT_TRUE(cache_->verified(whole));
    ASSERT_TRUE(cache_->flush());
    EXPECT_EQ(*cache_->whole_contents(), std::vector<Content>{whole});
}

TEST_F(Scrubbing, AnEvictedContentFreesItsBytesUnlessItIsOpen) {
    open();
    const Content content = stored(pattern(2 * kBlock));
    ASSERT_TRUE(cache_->flush());
    auto file = reader(content);
    EXPECT_EQ(cache_->evict(content), 0U);
    EXPECT_TRUE(cache_->verified(content));
    file.reset();
    EXPECT_EQ(cache_->evict(content), 2U * kBlock);
    EXPECT_EQ(cache_->evict(content), 0U);
    EXPECT_EQ(cache_->usage().used_bytes, 0U);
}

}  // namespace
}  // namespace hubfs::test
