// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/cache_dir.h"

#include <sys/stat.h>

#include <cstring>
#include <fstream>

#include "tests/fs/cache/cache_fixture.h"

namespace hubfs::cache {
namespace {

using test::pattern;
using test::TempDir;

class Directory : public ::testing::Test {
protected:
    Result<std::unique_ptr<CacheDir>> open() {
        std::set<std::uint16_t> taken;
        return CacheDir::open(dir_.path(), taken, recorded_);
    }
    static Content content(const std::string& bytes) {
        return {hash_content(HashKind::sha256, std::as_bytes(std::span(bytes))), bytes.size()};
    }
    [[nodiscard]] mode_t mode(const std::string& name) const {
        struct stat info{};
        EXPECT_EQ(::stat((dir_.path() + "/" + name).c_str(), &info), 0) << name;
        return info.st_mode & 07777;
    }
    TempDir dir_;
    std::set<std::uint16_t> recorded_;
};

TEST_F(Directory, KeepsItsNumberWhenItIsOpenedAgain) {
    auto first = open();
    ASSERT_TRUE(first);
    const std::uint16_t number = (*first)->number();
    first->reset();
    recorded_.insert(number);
    const auto again = open();
    ASSERT_TRUE(again);
    EXPECT_EQ((*again)->number(), number);
}

TEST_F(Directory, IsLockedAgainstASecondCache) {
    const auto first = open();
    ASSERT_TRUE(first);
    const auto second = open();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::unsupported);
    EXPECT_NE(second.error().message.find("in use"), std::string::npos);
}

TEST_F(Directory, IsRefusedWhenItsFormatIsUnknown) {
    for (const char* text :
         {"", "something else\n", "hf-mirror block cache\nformat 2\nnumber 1\n",
          "hf-mirror block cache\nformat 1\nnumber x\n",
          "hf-mirror block cache\nformat 1\nnumber 99999\n", "hf-mirror block cache\nformat 1\n"}) {
        std::ofstream(dir_.path() + "/id") << text;
        const auto opened = open();
        ASSERT_FALSE(opened) << text;
        EXPECT_EQ(opened.error().code, Code::invalid);
    }
}

TEST_F(Directory, GetsANewNumberWhenAnotherDirectoryHasItsOwn) {
    auto opened = open();
    ASSERT_TRUE(opened);
    const std::uint16_t number = (*opened)->number();
    opened->reset();
    std::set<std::uint16_t> taken{number};
    const auto again = CacheDir::open(dir_.path(), taken, {});
    ASSERT_TRUE(again);
    EXPECT_NE((*again)->number(), number);
    EXPECT_EQ(taken.size(), 2U);
}

TEST_F(Directory, FilesAreSparsePrivateAndOfTheContentsSize) {
    const auto dir = open();
    ASSERT_TRUE(dir);
    const Content big{hash_content(HashKind::git_sha1, {}), 1ULL << 30};
    const auto file = (*dir)->create(big);
    ASSERT_TRUE(file);
    EXPECT_EQ((*dir)->size_of(big.hash), 1ULL << 30);
    const std::string hex = big.hash.hex();
    const std::string name = "git-sha1/" + hex.substr(0, 2) + "/" + hex;
    EXPECT_EQ(mode(name), 0600U);
    EXPECT_EQ(mode("git-sha1/" + hex.substr(0, 2)), 0700U);
    EXPECT_EQ(mode("."), 0700U);
    struct stat info{};
    ASSERT_EQ(::stat((dir_.path() + "/" + name).c_str(), &info), 0);
    EXPECT_LT(info.st_blocks, 100);
}

TEST_F(Directory, WhatIsWrittenIsReadAndAShortFileIsAnError) {
    const auto dir = open();
    ASSERT_TRUE(dir);
    const std::string bytes = pattern(1000);
    const Content c = content(bytes);
    const auto file = (*dir)->create(c);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write_at(std::as_bytes(std::span(bytes)), 0));
    const auto opened = (*dir)->open_file(c);
    ASSERT_TRUE(opened);
    std::vector<std::byte> back(500);
    ASSERT_TRUE((*opened)->read_at(back, 500));
    EXPECT_EQ(std::memcmp(back.data(), bytes.data() + 500, 500), 0);
    const Status beyond = (*opened)->read_at(back, 501);
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().code, Code::io);
    EXPECT_FALSE((*dir)->open_file({c.hash, 999}));
}

TEST_F(Directory, AnUnlinkedFileLivesOnForWhoHasItOpen) {
    const auto dir = open();
    ASSERT_TRUE(dir);
    const std::string bytes = pattern(100);
    const Content c = content(bytes);
    const auto old = (*dir)->create(c);
    ASSERT_TRUE(old);
    ASSERT_TRUE((*old)->write_at(std::as_bytes(std::span(bytes)), 0));
    ASSERT_TRUE((*dir)->unlink(c.hash));
    ASSERT_TRUE((*dir)->unlink(c.hash));
    EXPECT_FALSE((*dir)->size_of(c.hash));
    ASSERT_TRUE((*dir)->create(c));
    ASSERT_TRUE((*dir)->create(c));  // whatever had the name is replaced, not reused
    std::vector<std::byte> back(100);
    ASSERT_TRUE((*old)->read_at(back, 0));
    EXPECT_EQ(std::memcmp(back.data(), bytes.data(), 100), 0);
}

TEST_F(Directory, SweepingRemovesWhatNobodyKnowsAndNothingElse) {
    const auto dir = open();
    ASSERT_TRUE(dir);
    const Content known = content("known");
    const Content orphan = content("orphan");
    ASSERT_TRUE((*dir)->create(known));
    ASSERT_TRUE((*dir)->create(orphan));
    const std::string folder = dir_.path() + "/sha256/" + known.hash.hex().substr(0, 2);
    std::ofstream(folder + "/not-a-hash") << "x";
    std::ofstream(folder + "/" + std::string(64, 'f')) << "in the wrong folder";
    ASSERT_TRUE((*dir)->sweep([&](const ContentHash& hash) { return hash == known.hash; }));
    EXPECT_TRUE((*dir)->size_of(known.hash));
    EXPECT_FALSE((*dir)->size_of(orphan.hash));
    EXPECT_FALSE(std::filesystem::exists(folder + "/not-a-hash"));
    EXPECT_TRUE(std::filesystem::exists(dir_.path() + "/id"));
    ASSERT_TRUE((*dir)->sync());
}

}  // namespace
}  // namespace hubfs::cache
