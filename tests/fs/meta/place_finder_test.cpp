// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/place_finder.h"

#include "fs/meta/tree_store.h"
#include "tests/fs/meta/meta_fixture.h"

namespace hubfs::meta {
namespace {

class PlaceFinder : public ::testing::Test {
protected:
    void SetUp() override {
        auto opened = Database::open(dir_.path() + "/meta");
        ASSERT_TRUE(opened);
        database_ = std::move(*opened);
        ASSERT_TRUE(database_->write([](WriteTxn& txn) -> Status {
            return txn.put(Table::repo_names, number_key(1), repo_key({RepoType::model, "a/b"}));
        }));
    }
    static hub::TreeEntry file(std::string path, char oid, char lfs = 0) {
        hub::TreeEntry entry;
        entry.path = std::move(path);
        entry.oid = std::string(40, oid);
        entry.lfs_oid = std::string(lfs == 0 ? 0 : 64, lfs);
        return entry;
    }
    void store(std::uint8_t commit, const std::vector<hub::TreeEntry>& entries) {
        TreeBuilder builder;
        ASSERT_TRUE(builder.add(entries));
        CommitId id;
        id.bytes.fill(commit);
        const auto stored = store_commit(*database_, {1, id, {}, {}}, *builder.finish());
        ASSERT_TRUE(stored) << stored.error().message;
    }
    // The content whose hash has this digit throughout.
    static ContentHash hash(HashKind kind, std::uint8_t digit) {
        ContentHash hash{kind, {}};
        std::fill_n(hash.bytes.begin(), hash.size(), static_cast<std::uint8_t>(digit * 17));
        return hash;
    }
    test::TempDir dir_;
    std::unique_ptr<Database> database_;
};

TEST_F(PlaceFinder, FilesAreFoundByWhatTheyHold) {
    std::vector<hub::TreeEntry> many;
    for (int i = 0; i < 10'050; ++i) {  // more than one transaction
        many.push_back(file("f" + std::to_string(100'000 + i), '1'));
    }
    store(1, many);
    store(2, {file("git.txt", '2'), file("lfs.bin", '3', '4')});
    const auto places = find_places(
        *database_,
        {hash(HashKind::git_sha1, 2), hash(HashKind::sha256, 4), hash(HashKind::sha256, 5)},
        [] { return true; });
    ASSERT_TRUE(places) << places.error().message;
    ASSERT_EQ(places->size(), 2U);
    const ContentLocation& lfs = places->at(hash(HashKind::sha256, 4));
    EXPECT_EQ(lfs.path, "lfs.bin");
    EXPECT_EQ(lfs.repo, (RepoKey{RepoType::model, "a/b"}));
    EXPECT_EQ(lfs.commit.bytes[0], 2);
    EXPECT_EQ(places->at(hash(HashKind::git_sha1, 2)).path, "git.txt");
    // The pointer of an LFS file is no content of ours.
    EXPECT_TRUE(
        find_places(*database_, {hash(HashKind::git_sha1, 3)}, [] { return true; })->empty());
}

TEST_F(PlaceFinder, ItCanBeToldToStop) {
    store(1, {file("x", '2')});
    const auto places =
        find_places(*database_, {hash(HashKind::git_sha1, 9)}, [] { return false; });
    ASSERT_FALSE(places);
    EXPECT_EQ(places.error().code, Code::cancelled);
    EXPECT_TRUE(find_places(*database_, {}, [] { return false; })->empty());
}

}  // namespace
}  // namespace hubfs::meta
