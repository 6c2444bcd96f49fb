// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/interner.h"

#include <set>
#include <thread>

#include "fs/meta/limits.h"
#include "tests/fs/meta/meta_fixture.h"

namespace hubfs::meta {
namespace {

class InternerTest : public ::testing::Test {
protected:
    void SetUp() override { open(); }
    void open(std::chrono::milliseconds later = std::chrono::hours(1)) {
        interner_.reset();
        database_.reset();
        auto opened = Database::open(dir_.path() + "/meta", {1ULL << 24, later});
        ASSERT_TRUE(opened);
        database_ = std::move(*opened);
        interner_.emplace(*database_);
    }
    std::uint64_t intern(std::string_view path) { return interner_->intern(path).value_or(0); }

    test::TempDir dir_;
    std::unique_ptr<Database> database_;
    std::optional<Interner> interner_;
};

TEST_F(InternerTest, APathKeepsItsNumber) {
    const auto first = intern("models/BAAI");
    const auto second = intern("models/BAAI/bge-m3");
    EXPECT_GE(first, kInternFirst);
    EXPECT_NE(first, second);
    EXPECT_EQ(intern("models/BAAI"), first);
    EXPECT_EQ(interner_->interned(first), "models/BAAI");  // before it is in the store
    ASSERT_TRUE(database_->flush());
    EXPECT_EQ(intern("models/BAAI"), first);
    EXPECT_EQ(interner_->interned(first), "models/BAAI");
    open();
    EXPECT_EQ(intern("models/BAAI"), first);
    EXPECT_EQ(interner_->interned(second), "models/BAAI/bge-m3");
}

TEST_F(InternerTest, NumbersAreNotGivenTwiceOverARestart) {
    std::set<std::uint64_t> numbers;
    for (int i = 0; i < 5000; ++i) {  // more than one batch
        EXPECT_TRUE(numbers.insert(intern("a" + std::to_string(i))).second);
    }
    open();
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(numbers.insert(intern("b" + std::to_string(i))).second);
    }
}

TEST_F(InternerTest, LongPathsAreTold) {
    const std::string path = ".api/" + std::string(3000, 'x');
    const auto number = intern(path);
    const auto other = intern(path + "y");
    EXPECT_NE(number, other);
    open();
    EXPECT_EQ(interner_->interned(number), path);
    EXPECT_EQ(intern(path), number);
    EXPECT_EQ(interner_->intern(std::string(kInternedPathMaxBytes + 1, 'x')).error().code,
              Code::name_too_long);
    EXPECT_FALSE(interner_->intern(std::string_view("a\0b", 3)));
}

TEST_F(InternerTest, AnUnknownNumberIsStale) {
    EXPECT_EQ(interner_->interned(12345).error().code, Code::stale);
}

TEST_F(InternerTest, ThreadsAgree) {
    open(std::chrono::milliseconds(1));  // names reach the store while numbers are asked for
    constexpr int kPaths = 500;
    std::vector<std::vector<std::uint64_t>> seen(4);
    std::vector<std::thread> threads;
    for (auto& mine : seen) {
        threads.emplace_back([&] {
            for (int i = 0; i < kPaths; ++i) {
                mine.push_back(intern("p" + std::to_string(i)));
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (const auto& mine : seen) {
        EXPECT_EQ(mine, seen.front());
    }
    EXPECT_EQ(std::set(seen[0].begin(), seen[0].end()).size(), static_cast<std::size_t>(kPaths));
}

}  // namespace
}  // namespace hubfs::meta
