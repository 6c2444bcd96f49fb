// SPDX-License-Identifier: Apache-2.0
// The whole cache under many hands: whatever fails, leaves or restarts, a read is upstream's bytes
// or an error. Also the answers that need no reader.
#include "fs/cache/cache_impl.h"

#include <thread>

#include "fs/cache/counters.h"
#include "tests/fs/cache/cache_fixture.h"

namespace hubfs::test {
namespace {

class Whole : public CacheTest {};

// Pseudo-random, the same in every run.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : x_(seed * 2654435761U + 1) {}
    std::uint64_t below(std::uint64_t n) {
        x_ = x_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return (x_ >> 33) % n;
    }

private:
    std::uint64_t x_;
};

struct Work {
    std::vector<Content> contents;
    std::vector<std::string> bytes;
};

// Opens, reads and closes at random; returns how often a read gave wrong bytes, and how many
// worked.
std::pair<int, int> hammer(cache::BlockCache& cache, const Work& work, std::uint64_t seed) {
    Dice dice(seed);
    int wrong = 0;
    int right = 0;
    for (int open = 0; open < 25; ++open) {
        const std::size_t i = dice.below(work.contents.size());
        auto reader = cache.open_reader(work.contents[i], at());
        if (!reader) {
            ++wrong;
            continue;
        }
        std::uint64_t offset = dice.below(work.bytes[i].size());
        for (int n = 0; n < 12; ++n) {
            const std::size_t size = 1 + dice.below(3ULL * kBlock);
            const auto result = Read(**reader, offset, size).get();
            if (result) {
                const bool same = text(*result) == work.bytes[i].substr(offset, size);
                ++(same ? right : wrong);
            }
            offset = (dice.below(3) == 0 ? dice.below(1ULL << 30) : offset + size) %
                     work.bytes[i].size();
        }
    }
    return {wrong, right};
}

TEST_F(Whole, ManyReadersWithFailuresEvictionAndRestartsNeverGetWrongBytes) {
    config_.size_bytes = 20 * kBlock;
    config_.connections = 4;
    config_.failure_memory = std::chrono::milliseconds(0);
    Work work;
    for (unsigned i = 0; i < 6; ++i) {
        work.bytes.push_back(pattern((i + 1) * 2 * kBlock - 17, i));
        ContentScript script;
        script.chunk_bytes = 9000;
        script.fail_at = (i + 1) * 30000;
        script.failures = 5;
        work.contents.push_back(source_.add_content(
            i % 2 == 0 ? HashKind::sha256 : HashKind::git_sha1, work.bytes.back(), script));
    }
    std::atomic<int> wrong = 0;
    std::atomic<int> right = 0;
    for (std::uint64_t round = 0; round < 3; ++round) {
        open();
        std::vector<std::thread> threads;
        for (std::uint64_t t = 0; t < 4; ++t) {
            threads.emplace_back([&, t] {
                const auto [bad, good] = hammer(*cache_, work, round * 10 + t);
                wrong += bad;
                right += good;
            });
        }
        for (int i = 0; i < 5; ++i) {
            EXPECT_TRUE(cache_->flush());
            clock_.advance(std::chrono::minutes(2));
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        EXPECT_TRUE(cache_->flush());
        EXPECT_EQ(stat_of("waiters"), 0U);
    }
    EXPECT_EQ(wrong, 0);
    EXPECT_GT(right, 1000);
    // What is counted is what is recorded.
    cache_.reset();
    open();
    std::uint64_t bytes = 0;
    for (const Content& content : work.contents) {
        bytes += cache_->cached_bytes(content);
    }
    EXPECT_EQ(cache_->usage().used_bytes, bytes);
}

TEST_F(Whole, RangesAreMergedAndAtMostAsManyAsAskedFor) {
    const std::string bytes = pattern(10 * kBlock);
    const Content content = source_.add_content(HashKind::sha256, bytes);
    open();
    const auto file = reader(content);
    for (const std::uint64_t block : {1U, 2U, 4U, 9U}) {
        EXPECT_EQ(read(*file, block * kBlock, 1), bytes.substr(block * kBlock, 1));
    }
    // A read is answered as soon as its bytes are here: let the blocks come in full.
    ASSERT_TRUE(source_.wait_idle());
    EXPECT_EQ(cache_->ranges(content, 10),
              (std::vector<ByteRange>{
                  {kBlock, 3 * kBlock}, {4 * kBlock, 5 * kBlock}, {9 * kBlock, 10 * kBlock}}));
    EXPECT_EQ(cache_->ranges(content, 2).size(), 2U);
    EXPECT_TRUE(cache_->ranges(content, 0).empty());
}

TEST_F(Whole, NothingIsKnownOfAStrangeContent) {
    open();
    const Content content{hash_content(HashKind::sha256, {}), 77};
    EXPECT_FALSE(cache_->held(content, {0, 1}));
    EXPECT_TRUE(cache_->held(content, {5, 5}));
    EXPECT_FALSE(cache_->verified(content));
    EXPECT_EQ(cache_->cached_bytes(content), 0U);
    EXPECT_TRUE(cache_->ranges(content, 10).empty());
}

TEST_F(Whole, ContentOfAnAbsurdSizeIsRefused) {
    open();
    const Content content{hash_content(HashKind::sha256, {}), 1ULL << 60};
    const auto refused = cache_->open_reader(content, at());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::unsupported);
}

TEST_F(Whole, BadDirectoriesAndBlockSizesAreNamed) {
    struct Case {
        std::vector<std::string> dirs;
        std::uint32_t block;
    };
    for (const Case& c : {Case{{}, kBlock}, Case{{"/proc/nowhere"}, kBlock},
                          Case{{dir_.path()}, 100}, Case{{dir_.path(), dir_.path()}, kBlock}}) {
        config_.dirs = c.dirs;
        config_.block_bytes = c.block;
        const auto opened = cache::CacheImpl::open(config_, index_.handle(), source_, clock_);
        ASSERT_FALSE(opened);
        EXPECT_FALSE(opened.error().message.empty());
    }
    config_.dirs = {"/proc/nowhere", dir_.path()};
    config_.block_bytes = kBlock;
    open();
}

TEST(Counters, AreTheMembersOfAJsonObject) {
    cache::Counters counters;
    counters.hits = 3;
    counters.failed(Code::timed_out, 2);
    const std::string json = cache::to_json_members(counters);
    EXPECT_TRUE(json.starts_with("\"hits\":3,\"misses\":0,")) << json;
    EXPECT_TRUE(json.ends_with("\"failures\":{\"timed_out\":2}")) << json;
}

}  // namespace
}  // namespace hubfs::test
