// SPDX-License-Identifier: Apache-2.0
// The quota, and disks that are full: readers never notice.
#include "fs/cache/evictor.h"

#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <thread>

#include "tests/fs/cache/cache_fixture.h"

namespace hubfs::test {
namespace {

using namespace std::chrono_literals;

class Evicting : public CacheTest {
protected:
    Content add(unsigned seed, std::size_t blocks) {
        return source_.add_content(HashKind::sha256, pattern(blocks * kBlock, seed));
    }
    void expect_reads(const Content& content, unsigned seed) {
        const auto file = reader(content);
        EXPECT_TRUE(read_all(*file, content.size_bytes, kBlock) ==
                    pattern(content.size_bytes, seed))
            << seed;
    }
    // Uses that count, each on its own.
    void use(const Content& content, unsigned seed, int times = 1) {
        for (int i = 0; i < times; ++i) {
            expect_reads(content, seed);
            clock_.advance(11min);
        }
        ASSERT_TRUE(cache_->flush());
    }
    // Contents of two blocks, each read once and never again.
    void scan(unsigned first_seed, unsigned contents) {
        for (unsigned seed = first_seed; seed < first_seed + contents; ++seed) {
            use(add(seed, 2), seed);
        }
    }
    // Waits for the hash and the last transfer to let go of it.
    void evict(const Content& content) {
        const auto until = std::chrono::steady_clock::now() + kPatience;
        while (cache_->evict(content) == 0 && std::chrono::steady_clock::now() < until) {
            std::this_thread::yield();
        }
        EXPECT_EQ(cache_->cached_bytes(content), 0U);
    }
    cache::Turns warmth(const Content& content) { return index_.records()[content.hash].warmth; }
};

// P50
TEST_F(Evicting, WhatWasUsedOnceLeavesBeforeWhatWasUsedAgain) {
    config_.size_bytes = 5 * kBlock;
    const Content a = add(1, 2);
    const Content b = add(2, 2);
    const Content c = add(3, 2);
    open();
    expect_reads(a, 1);
    clock_.advance(11min);
    expect_reads(b, 2);
    clock_.advance(11min);
    expect_reads(a, 1);  // used again
    clock_.advance(11min);
    expect_reads(c, 3);
    ASSERT_TRUE(cache_->flush());
    EXPECT_TRUE(cache_->verified(a));
    EXPECT_FALSE(cache_->verified(b));
    EXPECT_TRUE(cache_->verified(c));
    EXPECT_FALSE(std::filesystem::exists(file_of(b.hash)));
    EXPECT_EQ(index_.records().size(), 2U);
    EXPECT_EQ(cache_->usage().used_bytes, 4U * kBlock);
    EXPECT_EQ(cache_->usage().contents, 2U);
    EXPECT_EQ(cache_->usage().verified, 2U);
    EXPECT_EQ(stat_of("evictions"), 1U);
    source_.reset_counts();
    expect_reads(b, 2);
    EXPECT_EQ(source_.delivered_bytes(), 2U * kBlock);
}

// With the least recently used leaving first, none of the four would be there.
TEST_F(Evicting, AScanDoesNotPushOutWhatIsUsedOften) {
    config_.size_bytes = 20 * kBlock;
    open();
    std::vector<Content> often;
    for (unsigned seed = 1; seed <= 4; ++seed) {
        often.push_back(add(seed, 2));
        use(often.back(), seed, 4);
    }
    scan(100, 15);
    open();  // a restart in the middle changes nothing
    scan(200, 15);
    EXPECT_GE(stat_of("evictions"), 10U);
    EXPECT_LE(cache_->usage().used_bytes, 20U * kBlock);
    for (const Content& content : often) {
        EXPECT_TRUE(cache_->verified(content));
    }
}

TEST_F(Evicting, WhatWasUsedOftenLongAgoLeavesInTheEnd) {
    config_.size_bytes = 20 * kBlock;
    open();
    const Content once_loved = add(1, 2);
    use(once_loved, 1, 4);  // eight turns ahead of a single use
    scan(100, 120);         // twelve turns
    EXPECT_FALSE(cache_->verified(once_loved));
}

TEST_F(Evicting, OfTheSameWarmthTheSmallStayAndTheLargeLeave) {
    config_.size_bytes = 20 * kBlock;
    const Content small = add(1, 1);
    const Content large = add(2, 8);
    const Content next = add(3, 12);
    open();
    use(small, 1);
    use(large, 2);
    const auto file = reader(next);
    EXPECT_TRUE(read_all(*file, next.size_bytes, kBlock) == pattern(next.size_bytes, 3));
    ASSERT_TRUE(cache_->flush());
    EXPECT_TRUE(cache_->verified(small));
    EXPECT_FALSE(cache_->verified(large));
    EXPECT_TRUE(cache_->verified(next));
}

TEST_F(Evicting, UsesWithinTenMinutesAreOneAndAClosingIsNone) {
    const Content content = add(1, 2);
    open();
    use(content, 1);
    const cache::Turns once = warmth(content);
    expect_reads(content, 1);
    clock_.advance(9min);
    expect_reads(content, 1);
    ASSERT_TRUE(cache_->flush());
    const cache::Turns twice = warmth(content);
    EXPECT_GT(twice, once);
    {
        const auto file = reader(content);
        clock_.advance(30min);
    }
    ASSERT_TRUE(cache_->flush());
    EXPECT_EQ(warmth(content), twice);
    use(content, 1);
    EXPECT_GT(warmth(content), twice);
}

TEST_F(Evicting, AContentThatLeftAndReturnsIsAsWarmAsItWas) {
    config_.size_bytes = 20 * kBlock;
    const Content often = add(1, 2);
    const Content once = add(2, 2);
    open();
    use(often, 1, 4);
    const cache::Turns before = warmth(often);
    evict(often);
    ASSERT_TRUE(index_.left().contains(often.hash));
    const cache::BlobIndex::Left left = index_.left()[often.hash];
    EXPECT_EQ(left.warmth, before);
    open();  // it is remembered over a restart
    use(often, 1);
    EXPECT_EQ(warmth(often), cache::used(before, left.at));  // nothing was stored in between
    EXPECT_FALSE(index_.left().contains(often.hash));
    use(once, 2);
    EXPECT_LT(warmth(once), left.at + cache::kTurn);
    scan(100, 30);
    EXPECT_TRUE(cache_->verified(often));
    EXPECT_FALSE(cache_->verified(once));
}

TEST_F(Evicting, WhatLeftIsForgottenAfterATurn) {
    config_.size_bytes = 20 * kBlock;
    const Content content = add(1, 2);
    open();
    use(content, 1);
    evict(content);
    scan(100, 9);
    EXPECT_TRUE(index_.left().contains(content.hash));
    scan(200, 12);
    EXPECT_FALSE(index_.left().contains(content.hash));
    EXPECT_FALSE(index_.left().empty());
}

TEST_F(Evicting, WhatIsDroppedForWrongBytesIsNotRemembered) {
    ContentScript script;
    script.wrong_byte = 3;
    script.wrong_times = 1;
    const Content content =
        source_.add_content(HashKind::sha256, pattern(3 * kBlock), std::move(script));
    open();
    EXPECT_TRUE(read_all(*reader(content), content.size_bytes, kBlock).ends_with("error:corrupt"));
    ASSERT_TRUE(cache_->flush());
    EXPECT_TRUE(index_.left().empty());
}

TEST_F(Evicting, TheClockGoesByWhatIsStoredAndGoesOnAfterARestart) {
    config_.size_bytes = 20 * kBlock;
    const Content a = add(1, 10);
    const Content b = add(2, 5);
    open();
    const cache::Turns start = meta::weeks_since_1970(clock_.now());
    use(a, 1);
    EXPECT_EQ(warmth(a), start);
    ASSERT_TRUE(index_.turns());
    EXPECT_EQ(*index_.turns(), start + cache::kTurn / 2);
    clock_.advance(std::chrono::weeks(50));
    config_.size_bytes = 40 * kBlock;
    open();
    use(b, 2);
    EXPECT_EQ(warmth(b), start + cache::kTurn / 2);
    use(a, 1);  // held: nothing is stored
    EXPECT_EQ(*index_.turns(), start + cache::kTurn / 2 + cache::kTurn / 8);
}

TEST_F(Evicting, APinnedContentStaysHoweverOldItIs) {
    config_.size_bytes = 5 * kBlock;
    const Content a = add(1, 2);
    const Content b = add(2, 2);
    const Content c = add(3, 2);
    config_.pinned = [a] { return cache::ContentSet{a.hash}; };
    open();
    for (unsigned seed = 1; const Content& content : {a, b, c}) {
        expect_reads(content, seed++);
        clock_.advance(2min);
    }
    ASSERT_TRUE(cache_->flush());
    EXPECT_TRUE(cache_->verified(a));
    EXPECT_FALSE(cache_->verified(b));
    EXPECT_TRUE(cache_->verified(c));
}

// P50
TEST_F(Evicting, AnOpenContentStaysAndItsFileOutlivesItsName) {
    config_.size_bytes = 3 * kBlock;
    const Content a = add(1, 2);
    const Content b = add(2, 2);
    open();
    auto open_a = reader(a);
    EXPECT_EQ(read_all(*open_a, a.size_bytes, kBlock), pattern(2 * kBlock, 1));
    const Fd handed_out = open_a->verified_file();
    ASSERT_TRUE(handed_out.valid());
    clock_.advance(2min);
    expect_reads(b, 2);
    ASSERT_TRUE(cache_->flush());
    EXPECT_TRUE(cache_->verified(a));
    EXPECT_FALSE(cache_->verified(b));
    open_a.reset();
    clock_.advance(2min);
    expect_reads(b, 2);
    ASSERT_TRUE(cache_->flush());
    EXPECT_FALSE(cache_->verified(a));
    std::string byte(1, '\0');
    EXPECT_EQ(::pread(handed_out.get(), byte.data(), 1, kBlock), 1);
    EXPECT_EQ(byte[0], pattern(2 * kBlock, 1)[kBlock]);
}

// P50
TEST_F(Evicting, WhenNothingCanLeaveContentIsServedWithoutBeingStored) {
    config_.size_bytes = 3 * kBlock;
    const Content a = add(1, 4);
    const Content small = source_.add_content(HashKind::git_sha1, pattern(1000, 2));
    const Content large = add(3, 12);
    open();
    auto open_a = reader(a);
    EXPECT_EQ(read_all(*open_a, a.size_bytes, kBlock), pattern(4 * kBlock, 1));
    ASSERT_TRUE(cache_->flush());
    EXPECT_EQ(stat_of("full"), 1U);
    for (const Content& content : {small, large}) {
        const unsigned seed = content == small ? 2 : 3;
        const auto file = reader(content);
        EXPECT_TRUE(read_all(*file, content.size_bytes, 1000) == pattern(content.size_bytes, seed));
        EXPECT_EQ(cache_->cached_bytes(content), 0U);
        EXPECT_FALSE(cache_->verified(content));
        EXPECT_FALSE(file->verified_file().valid());
    }
    // Small reads of one block shared one fetch of it.
    EXPECT_EQ(source_.delivered_bytes(), 16U * kBlock + 1000);
    EXPECT_EQ(stat_of("bytes_unstored"), 12U * kBlock + 1000);
    // Let go of once the hash has let go of it.
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (stat_of("memory_bytes") > 0 && std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
    }
    EXPECT_EQ(stat_of("memory_bytes"), 0U);
    EXPECT_FALSE(std::filesystem::exists(file_of(large.hash)));
    // Room again: it is stored again.
    open_a.reset();
    ASSERT_TRUE(cache_->flush());
    expect_reads(small, 2);
    EXPECT_TRUE(cache_->verified(small));
}

TEST_F(Evicting, WrongBytesAreNotedThoughNothingIsStored) {
    config_.size_bytes = 1 * kBlock;
    const Content a = add(1, 2);
    ContentScript script;
    script.wrong_byte = 3;
    script.wrong_times = 1;
    const Content large =
        source_.add_content(HashKind::sha256, pattern(6 * kBlock, 2), std::move(script));
    open();
    const auto open_a = reader(a);
    EXPECT_EQ(read_all(*open_a, a.size_bytes, kBlock), pattern(2 * kBlock, 1));
    ASSERT_TRUE(cache_->flush());
    ASSERT_EQ(stat_of("full"), 1U);
    const auto file = reader(large);
    EXPECT_TRUE(read_all(*file, large.size_bytes, kBlock).ends_with("error:corrupt"));
    expect_reads(large, 2);
    EXPECT_EQ(stat_of("mismatches"), 1U);
}

TEST_F(Evicting, ACacheThatStartsAboveItsQuotaComesDown) {
    const Content a = add(1, 3);
    const Content b = add(2, 3);
    open();
    expect_reads(a, 1);
    clock_.advance(2min);
    expect_reads(b, 2);
    config_.size_bytes = 4 * kBlock;
    open();
    ASSERT_TRUE(cache_->flush());
    EXPECT_FALSE(cache_->verified(a));
    EXPECT_TRUE(cache_->verified(b));
}

TEST_F(Evicting, ASizeThatContradictsAVerifiedContentIsRefusedAnUnverifiedOneGivesWay) {
    const std::string bytes = pattern(3 * kBlock);
    const Content right = source_.add_content(HashKind::sha256, bytes);
    const Content wrong{right.hash, 10 * kBlock};
    open();
    EXPECT_EQ(read(*reader(wrong), 0, 1), "error:protocol");
    // The wrong one gives way once its last transfer has let go of it.
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!cache_->open_reader(right, at()) && std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
    }
    EXPECT_EQ(read_all(*reader(right), bytes.size(), kBlock), bytes);
    const auto refused = cache_->open_reader(wrong, at());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::corrupt);
    EXPECT_TRUE(cache_->verified(right));
    EXPECT_FALSE(cache_->verified(wrong));
    EXPECT_EQ(cache_->cached_bytes(wrong), 0U);
}

// A filesystem of its own that is soon full; needs root.
class TinyDisk {
public:
    explicit TinyDisk(const std::string& path) : path_(path) {
        mounted_ = ::mount("tmpfs", path.c_str(), "tmpfs", 0, "size=400k") == 0;
    }
    ~TinyDisk() {
        if (mounted_) {
            ::umount2(path_.c_str(), MNT_DETACH);
        }
    }
    TinyDisk(const TinyDisk&) = delete;
    TinyDisk& operator=(const TinyDisk&) = delete;
    [[nodiscard]] bool mounted() const { return mounted_; }

private:
    const std::string path_;
    bool mounted_ = false;
};

// P50
TEST_F(Evicting, ADiskThatFillsUpInTheMiddleOfABlockIsNoErrorToReaders) {
    const TempDir place;
    const TinyDisk disk(place.path());
    if (!disk.mounted()) {
        GTEST_SKIP() << "needs root to mount a tmpfs; the file size limit test covers the rest";
    }
    config_.dirs = {place.path()};
    const Content old = add(1, 2);
    const Content large = add(2, 12);
    open();
    expect_reads(old, 1);
    {
        const auto file = reader(large);
        const std::string got = read_all(*file, large.size_bytes, 10000);
        EXPECT_TRUE(got == pattern(large.size_bytes, 2));
    }
    EXPECT_EQ(stat_of("full"), 1U);
    EXPECT_GT(stat_of("bytes_unstored"), 0U);
    EXPECT_EQ(source_.delivered_bytes(), 14U * kBlock);
    EXPECT_LT(cache_->cached_bytes(large), large.size_bytes);
    // What did not fit gives way, and things are stored again.
    ASSERT_TRUE(cache_->flush());
    const Content next = add(3, 1);
    expect_reads(next, 3);
    EXPECT_TRUE(cache_->verified(next));
    cache_.reset();
}

TEST_F(Evicting, AFileThatCannotBeMadeIsNoErrorToReaders) {
    const Content large = add(1, 4);
    open();
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    auto* const old = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit tight{kBlock, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
    expect_reads(large, 1);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ::signal(SIGXFSZ, old);
    EXPECT_EQ(cache_->cached_bytes(large), 0U);
    EXPECT_EQ(stat_of("bytes_unstored"), large.size_bytes);
}

}  // namespace
}  // namespace hubfs::test
