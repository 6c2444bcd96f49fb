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
    // One bit of the file, as a disk does it.
    void flip(const Content& content, std::uint64_t at) const {
        std::fstream file(file_of(content.hash), std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(static_cast<std::streamoff>(at));
        const int byte = file.get();
        file.seekp(static_cast<std::streamoff>(at));
        file.put(static_cast<char>(byte ^ 4));
    }
    cache::Checked check(const Content& content) {
        const auto checked = cache_->check(content, go_on);
        EXPECT_TRUE(checked) << (checked ? "" : checked.error().message);
        return checked.value_or(cache::Checked{});
    }
    [[nodiscard]] bool summed(const Content& content) const {
        const auto rows = index_.sums(content.hash);
        return !rows.empty() && std::ranges::all_of(rows, [](const meta::SumRow& row) {
            return std::ranges::none_of(row.sums, [](std::uint64_t sum) { return sum == 0; });
        });
    }
    static bool go_on() { return true; }
};

TEST_F(Scrubbing, WhatIsAsItWasStaysAndCostsUpstreamNothing) {
    open();
    const std::string bytes = pattern(3 * kBlock + 17);
    const Content content = stored(bytes);
    source_.reset_counts();
    const auto checked = check(content);
    EXPECT_TRUE(checked.good());
    EXPECT_EQ(checked.bytes, bytes.size());
    EXPECT_TRUE(cache_->verified(content));
    EXPECT_EQ(source_.delivered_bytes(), 0U);
}

TEST_F(Scrubbing, AFlippedBitCostsItsBlockAlone) {
    open();
    const std::string bytes = pattern(3 * kBlock + 17);
    const Content content = stored(bytes);
    ASSERT_TRUE(cache_->flush());
    const auto used = cache_->usage().used_bytes;
    flip(content, kBlock + 1);
    const auto checked = check(content);
    EXPECT_EQ(checked.damaged, (std::vector<ByteRange>{{kBlock, 2 * kBlock}}));
    EXPECT_FALSE(cache_->verified(content));
    EXPECT_FALSE(index_.records().at(content.hash).verified);
    EXPECT_EQ(index_.records().at(content.hash).bitmap, std::vector<std::uint8_t>{0b1101});
    EXPECT_EQ(cache_->cached_bytes(content), bytes.size() - kBlock);
    EXPECT_EQ(cache_->usage().used_bytes, used - kBlock);
    EXPECT_EQ(cache_->usage().verified, 0U);
    EXPECT_EQ(stat_of("damaged_blocks"), 1U);
    source_.reset_counts();
    auto file = reader(content);
    EXPECT_TRUE(file->was_wrong());
    EXPECT_EQ(read_all(*file, bytes.size(), kBlock), bytes);
    EXPECT_EQ(source_.delivered_bytes(), kBlock);
    EXPECT_TRUE(cache_->verified(content));
    EXPECT_EQ(cache_->usage().used_bytes, used);
    EXPECT_EQ(cache_->usage().verified, 1U);
    EXPECT_TRUE(check(content).good());
    ASSERT_TRUE(cache_->flush());
    EXPECT_TRUE(summed(content));
}

TEST_F(Scrubbing, WhoHadTheFileOpenGetsNoMoreFromIt) {
    std::vector<ContentHash> dropped;
    config_.on_dropped = [&](const ContentHash& hash) { dropped.push_back(hash); };
    open();
    const std::string bytes = pattern(3 * kBlock);
    const Content content = stored(bytes);
    auto before = reader(content);
    flip(content, 0);
    EXPECT_FALSE(check(content).good());
    EXPECT_EQ(read(*before, 2 * kBlock, 10), "error:corrupt");
    EXPECT_EQ(dropped, std::vector<ContentHash>{content.hash});
    EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
}

TEST_F(Scrubbing, ABlockOfAPartialContentIsFoundAndFetchedAnew) {
    open();
    const std::string bytes = pattern(6 * kBlock);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    EXPECT_EQ(read(*reader(content), 0, 2 * kBlock), bytes.substr(0, 2 * kBlock));
    EXPECT_EQ(read(*reader(content), 4 * kBlock, kBlock), bytes.substr(4 * kBlock, kBlock));
    EXPECT_TRUE(check(content).good());
    const auto held = cache_->cached_bytes(content);
    flip(content, 5 * kBlock - 1);
    const auto checked = check(content);
    EXPECT_EQ(checked.bytes, held);
    EXPECT_EQ(checked.damaged, (std::vector<ByteRange>{{4 * kBlock, 5 * kBlock}}));
    EXPECT_EQ(cache_->cached_bytes(content), held - kBlock);
    EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
    EXPECT_TRUE(cache_->verified(content));
}

TEST_F(Scrubbing, ChecksumsOutliveARestart) {
    open();
    const std::string bytes = pattern(6 * kBlock);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    EXPECT_EQ(read(*reader(content), 0, 3 * kBlock), bytes.substr(0, 3 * kBlock));
    const Content whole = stored(pattern(2 * kBlock, 3));
    open();
    flip(content, kBlock);
    flip(whole, 5);
    EXPECT_EQ(check(content).damaged, (std::vector<ByteRange>{{kBlock, 2 * kBlock}}));
    EXPECT_EQ(check(whole).damaged, (std::vector<ByteRange>{{0, kBlock}}));
    EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
}

TEST_F(Scrubbing, ABlockWithoutAChecksumIsTrustedUntilTheWholeHashJudges) {
    open();
    const std::string bytes = pattern(6 * kBlock);
    const Content part = source_.add_content(HashKind::sha256, bytes);
    EXPECT_EQ(read(*reader(part), 0, kBlock), bytes.substr(0, kBlock));
    const Content good = stored(pattern(2 * kBlock, 3));
    const Content bad = stored(pattern(3 * kBlock, 4));
    cache_.reset();
    index_.forget_sums();
    open();
    flip(part, 1);
    EXPECT_TRUE(check(part).good());
    flip(bad, 1);
    // Which block it is cannot be told.
    EXPECT_EQ(check(bad).damaged, (std::vector<ByteRange>{{0, 3 * kBlock}}));
    EXPECT_EQ(cache_->cached_bytes(bad), 0U);
    // What was proved right gets its checksums now.
    EXPECT_TRUE(check(good).good());
    ASSERT_TRUE(cache_->flush());
    EXPECT_TRUE(summed(good));
    flip(good, kBlock);
    EXPECT_EQ(check(good).damaged, (std::vector<ByteRange>{{kBlock, 2 * kBlock}}));
    EXPECT_TRUE(read_all(*reader(part), bytes.size(), kBlock).ends_with("error:corrupt"));
    EXPECT_EQ(read_all(*reader(part), bytes.size(), kBlock), bytes);
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
        EXPECT_EQ(check(content).damaged, (std::vector<ByteRange>{{0, 2 * kBlock}}));
        EXPECT_TRUE(index_.sums(content.hash).empty());
        EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
    }
}

TEST_F(Scrubbing, ABlockIsNotWrittenAnewWhileItsRecordHasIt) {
    open();
    const std::string bytes = pattern(3 * kBlock);
    const Content content = stored(bytes);
    ASSERT_TRUE(cache_->flush());
    flip(content, 1);
    index_.refuse_writes(true);
    EXPECT_FALSE(check(content).good());
    EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
    EXPECT_EQ(cache_->cached_bytes(content), 0U);  // served, not stored
}

TEST_F(Scrubbing, OnlyWhatIsHereIsChecked) {
    open();
    const Content strange = source_.add_content(HashKind::sha256, pattern(2 * kBlock, 5));
    EXPECT_EQ(cache_->check(strange, go_on).error().code, Code::not_found);
    const Content whole = stored(pattern(kBlock, 6));
    EXPECT_EQ(cache_->check(whole, [] { return false; }).error().code, Code::cancelled);
    EXPECT_TRUE(cache_->verified(whole));
    ASSERT_TRUE(cache_->flush());
    EXPECT_EQ(*cache_->stored_contents(), std::vector<Content>{whole});
    EXPECT_TRUE(index_.sums(whole.hash).empty());  // of one block: its hash says it all
    flip(whole, 9);
    EXPECT_FALSE(check(whole).good());
    EXPECT_EQ(cache_->cached_bytes(whole), 0U);
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
    EXPECT_TRUE(index_.sums(content.hash).empty());
}

}  // namespace
}  // namespace hubfs::test
