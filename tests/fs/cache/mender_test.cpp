// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/mender.h"

#include <atomic>
#include <fstream>
#include <thread>

#include "tests/fs/cache/cache_fixture.h"

namespace hubfs::test {
namespace {

class Mending : public CacheTest {
protected:
    // The first `blocks` blocks of a content of six, stored by a cache that has ended.
    Content stored_in_part(std::uint64_t blocks) {
        open();
        const Content content = source_.add_content(HashKind::sha256, bytes_);
        EXPECT_EQ(read(*reader(content), 0, blocks * kBlock), bytes_.substr(0, blocks * kBlock));
        open();
        source_.reset_counts();
        return content;
    }
    void flip(const Content& content, std::uint64_t at) const {
        std::fstream file(file_of(content.hash), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(at));
        file.put(static_cast<char>(bytes_[at] ^ 16));
    }
    const std::string bytes_ = pattern(6 * kBlock);
};

TEST_F(Mending, ABlockThatTheDiskChangedIsFetchedAnewBeforeItsFirstRead) {
    const Content content = stored_in_part(3);
    const auto held = cache_->cached_bytes(content);
    flip(content, kBlock + 5);
    auto file = reader(content);
    // Any read of the block finds it, also one that does not touch the bit.
    EXPECT_EQ(read(*file, kBlock + 100, 10), bytes_.substr(kBlock + 100, 10));
    EXPECT_EQ(stat_of("damaged_blocks"), 1U);
    EXPECT_EQ(source_.delivered_bytes(), kBlock);
    EXPECT_EQ(read(*file, 0, 3 * kBlock), bytes_.substr(0, 3 * kBlock));
    EXPECT_FALSE(file->was_wrong());
    EXPECT_EQ(cache_->cached_bytes(content), held);
}

TEST_F(Mending, ABlockIsComparedOnceInARun) {
    const Content content = stored_in_part(3);
    auto file = reader(content);
    EXPECT_EQ(read(*file, 0, 10), bytes_.substr(0, 10));
    flip(content, 5);
    EXPECT_NE(read(*file, 0, 10), bytes_.substr(0, 10));
    EXPECT_EQ(stat_of("damaged_blocks"), 0U);
}

TEST_F(Mending, WithNothingElseHeldTheContentIsFetchedAnewUnnoticed) {
    const Content content = stored_in_part(1);
    flip(content, 0);
    auto file = reader(content);
    EXPECT_EQ(read(*file, 7, 10), bytes_.substr(7, 10));
    EXPECT_FALSE(file->was_wrong());
    EXPECT_EQ(read_all(*file, bytes_.size(), kBlock), bytes_);
    EXPECT_TRUE(cache_->verified(content));
}

TEST_F(Mending, TheHashOfTheWholeGoesPastADamagedBlock) {
    const Content content = stored_in_part(5);
    flip(content, 2 * kBlock);
    // The hash reads the prefix back, and finds the block that no reader asks for.
    auto file = reader(content);
    EXPECT_EQ(read(*file, 5 * kBlock, 10), bytes_.substr(5 * kBlock, 10));
    EXPECT_EQ(read_all(*file, bytes_.size(), kBlock), bytes_);
    EXPECT_TRUE(cache_->verified(content));
    EXPECT_EQ(stat_of("mismatches"), 0U);
}

TEST_F(Mending, ManyReadersLoseManyBlocksAndGetTheRightBytes) {
    constexpr std::uint64_t kBlocks = 40;
    const std::string bytes = pattern(kBlocks * kBlock, 3);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    EXPECT_EQ(read(*reader(content), 0, (kBlocks - 2) * kBlock),
              bytes.substr(0, (kBlocks - 2) * kBlock));
    cache_.reset();
    index_.spoil_sums(content.hash, 3);
    open();
    constexpr std::uint64_t kSteps[] = {1, 7, 11, 39};  // orders: each comes past every block
    std::vector<std::thread> threads;
    std::atomic<int> wrong = 0;
    for (const std::uint64_t step : kSteps) {
        threads.emplace_back([&, step] {
            for (std::uint64_t i = 0; i < kBlocks; ++i) {
                const std::uint64_t at = i * step % kBlocks * kBlock + 100;
                wrong += read(*reader(content), at, 3000) != bytes.substr(at, 3000) ? 1 : 0;
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(read_all(*reader(content), bytes.size(), kBlock), bytes);
    EXPECT_TRUE(cache_->verified(content));
    EXPECT_EQ(stat_of("damaged_blocks"), (kBlocks - 2 + 2) / 3);
    EXPECT_EQ(cache_->usage().used_bytes, bytes.size());
    EXPECT_EQ(stat_of("mismatches"), 0U);
}

TEST_F(Mending, OfflineADamagedBlockIsAnErrorAndNeverWrongBytes) {
    const Content content = stored_in_part(3);
    config_.offline = true;
    open();
    flip(content, kBlock);
    auto file = reader(content);
    EXPECT_EQ(read(*file, kBlock, 10), "error:offline");
    EXPECT_EQ(read(*file, 0, 10), bytes_.substr(0, 10));
}

TEST_F(Mending, WhatWasNotRecordedWhenTheDaemonDiedHasNeitherBitNorSum) {
    open();
    const Content content = source_.add_content(HashKind::sha256, bytes_);
    EXPECT_EQ(read(*reader(content), 0, kBlock), bytes_.substr(0, kBlock));
    ASSERT_TRUE(cache_->flush());
    index_.refuse_writes(true);  // as when it is killed between the bytes and the commit
    EXPECT_EQ(read(*reader(content), 3 * kBlock, kBlock), bytes_.substr(3 * kBlock, kBlock));
    cache_.reset();
    index_.refuse_writes(false);
    const auto rows = index_.sums(content.hash);
    ASSERT_EQ(rows.size(), 1U);
    const auto bitmap = index_.records().at(content.hash).bitmap;
    for (std::size_t block = 0; block < 6; ++block) {
        EXPECT_EQ(rows[0].sums[block] != 0, (bitmap[0] >> block & 1) != 0) << block;
    }
    EXPECT_EQ(bitmap[0] & 8, 0);
    flip(content, 3 * kBlock + 1);  // whatever is in the file there
    open();
    EXPECT_EQ(read_all(*reader(content), bytes_.size(), kBlock), bytes_);
    EXPECT_EQ(stat_of("damaged_blocks"), 0U);
}

}  // namespace
}  // namespace hubfs::test
