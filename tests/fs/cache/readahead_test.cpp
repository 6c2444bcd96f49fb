// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/readahead.h"

#include <gtest/gtest.h>

#include <vector>

namespace hubfs::cache {
namespace {

constexpr std::uint64_t kKi = 1024;
constexpr std::uint64_t kMi = 1024 * kKi;
constexpr std::uint64_t kGi = 1024 * kMi;
constexpr std::uint64_t kRead = 128 * kKi;

// Reads [from, to) in order, as the kernel does; the last plan.
ReadAhead::Plan sequence(ReadAhead& ahead, std::uint64_t from, std::uint64_t to) {
    ReadAhead::Plan plan;
    for (std::uint64_t at = from; at < to; at += kRead) {
        plan = ahead.on_read({at, std::min(at + kRead, to)});
    }
    return plan;
}

TEST(ReadAhead, TheFirstReadFetchesOnlyItself) {
    for (const std::uint64_t at : {std::uint64_t{0}, 200 * kMi, kGi - kRead}) {
        ReadAhead ahead(kGi, 1 << 20);
        EXPECT_TRUE(ahead.on_read({at, at + kRead}).window.empty()) << at;
    }
}

TEST(ReadAhead, ASequentialReaderFromTheStartGetsAGrowingWindow) {
    struct Case {
        std::uint64_t read;
        std::uint64_t window;
        std::uint64_t piece;
    };
    for (const Case& c : {Case{2 * kRead, kMi, kMi}, Case{kMi, 2 * kMi, kMi},
                          Case{3 * kMi, 4 * kMi, kMi}, Case{10 * kMi, 16 * kMi, kMi},
                          Case{40 * kMi, 64 * kMi, 4 * kMi}, Case{500 * kMi, 64 * kMi, 4 * kMi}}) {
        ReadAhead ahead(kGi, 1 << 20);
        const ReadAhead::Plan plan = sequence(ahead, 0, c.read);
        EXPECT_EQ(plan.window, (ByteRange{c.read, c.read + c.window})) << c.read;
        EXPECT_EQ(plan.piece_bytes, c.piece) << c.read;
    }
}

TEST(ReadAhead, ARangeInTheMiddleFetchesOnlyItself) {
    // A cold range of 1 MiB at 200 MiB, and what the kernel reads beyond it.
    ReadAhead ahead(256 * kMi, 1 << 20);
    for (std::uint64_t at = 200 * kMi; at < 201 * kMi + kRead; at += kRead) {
        EXPECT_TRUE(ahead.on_read({at, at + kRead}).window.empty()) << at;
    }
}

TEST(ReadAhead, AReaderThatGoesOnAfterAJumpGetsItsWindow) {
    ReadAhead ahead(kGi, 1 << 20);
    EXPECT_TRUE(sequence(ahead, 200 * kMi, 202 * kMi - kRead).window.empty());
    EXPECT_EQ(ahead.on_read({202 * kMi - kRead, 202 * kMi}).window,
              (ByteRange{202 * kMi, 206 * kMi}));
}

TEST(ReadAhead, SmallJumpsAndReorderedReadsAreStillSequential) {
    ReadAhead ahead(kGi, 1 << 20);
    sequence(ahead, 0, 4 * kMi);
    EXPECT_FALSE(ahead.on_read({4 * kMi + kRead, 4 * kMi + 2 * kRead}).window.empty());
    EXPECT_EQ(ahead.on_read({4 * kMi, 4 * kMi + kRead}).window.first, 4 * kMi + 2 * kRead);
    EXPECT_FALSE(ahead.on_read({5 * kMi, 5 * kMi + kRead}).window.empty());
}

TEST(ReadAhead, RandomReadsFetchOnlyThemselves) {
    ReadAhead ahead(kGi, 1 << 20);
    std::uint64_t at = 500 * kMi;
    for (int i = 0; i < 50; ++i) {
        at = (at + 377 * kMi) % kGi;
        EXPECT_TRUE(ahead.on_read({at, at + 4096}).window.empty()) << at;
    }
}

TEST(ReadAhead, AJumpForgetsTheWindow) {
    ReadAhead ahead(kGi, 1 << 20);
    sequence(ahead, 0, 64 * kMi);
    EXPECT_TRUE(ahead.on_read({800 * kMi, 800 * kMi + kRead}).window.empty());
}

TEST(ReadAhead, SeveralClientsOfOneOpenFileAreFollowedEach) {
    ReadAhead ahead(kGi, 1 << 20);
    ReadAhead::Plan first;
    ReadAhead::Plan second;
    for (std::uint64_t at = 0; at < 8 * kMi; at += kRead) {
        first = ahead.on_read({at, at + kRead});
        second = ahead.on_read({512 * kMi + at, 512 * kMi + at + kRead});
    }
    EXPECT_EQ(first.window, (ByteRange{8 * kMi, 24 * kMi}));
    EXPECT_EQ(second.window, (ByteRange{520 * kMi, 536 * kMi}));
}

TEST(ReadAhead, TheWindowEndsWithTheContent) {
    ReadAhead ahead(10 * kMi + 5, 1 << 20);
    EXPECT_EQ(sequence(ahead, 0, 8 * kMi).window, (ByteRange{8 * kMi, 10 * kMi + 5}));
    EXPECT_TRUE(sequence(ahead, 8 * kMi, 10 * kMi + 5).window.empty());
}

TEST(ReadAhead, PiecesAreWholeBlocksOfAtMostTheRangeLimit) {
    for (const std::uint32_t block : {4096U, 65536U, 1U << 20, 16U << 20}) {
        ReadAhead ahead(kGi, block);
        const std::uint64_t piece = sequence(ahead, 0, 100 * kMi).piece_bytes;
        EXPECT_EQ(piece % block, 0U) << block;
        EXPECT_GE(piece, block);
        EXPECT_LE(piece, std::max<std::uint64_t>(8 * kMi, block));
    }
}

}  // namespace
}  // namespace hubfs::cache
