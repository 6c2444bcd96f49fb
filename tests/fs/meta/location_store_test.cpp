// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/location_store.h"

#include "fs/meta/repo_store.h"
#include "fs/meta/tree_store.h"
#include "tests/fs/meta/meta_fixture.h"

namespace hubfs::meta {
namespace {

// A content by one hex digit, as git names it.
ContentHash git_hash(char digit) {
    return *ContentHash::from_hex(HashKind::git_sha1, std::string(40, digit));
}

hub::TreeEntry file(const std::string& path, char digit) {
    hub::TreeEntry entry;
    entry.path = path;
    entry.size = 5;
    entry.oid = std::string(40, digit);
    return entry;
}

class LocationStore : public ::testing::Test {
protected:
    LocationStore() { open(); }
    void open() {
        database_.reset();
        auto opened = Database::open(dir_.path() + "/meta", {64ULL << 20, std::chrono::seconds(1)});
        ASSERT_TRUE(opened) << opened.error().message;
        database_ = std::move(*opened);
    }
    Status put(Table table, const std::string& key, const std::string& value) {
        return database_->write(
            [&](WriteTxn& txn) -> Status { return txn.put(table, key, value); });
    }
    // Repository number n is called r/n.
    static RepoKey repo(std::uint32_t number) {
        return {RepoType::model, "r/" + std::to_string(number)};
    }
    void set_state(std::uint32_t number, hub::RepoState state) {
        ASSERT_TRUE(put(Table::repo_names, number_key(number), repo_key(repo(number))));
        ASSERT_TRUE(put(Table::repos, repo_key(repo(number)),
                        encode(RepoRow{number, state, false, How::fetched, {}})));
    }
    // Stores a commit of this repository; its number.
    std::uint32_t commit(std::uint32_t repo_number, const std::vector<hub::TreeEntry>& files) {
        set_state(repo_number, hub::RepoState::open);
        TreeBuilder builder;
        EXPECT_TRUE(builder.add(files));
        CommitId id;
        id.bytes[0] = ++commits_;
        const auto stored = store_commit(*database_, {repo_number, id, {}, {}}, *builder.finish());
        EXPECT_TRUE(stored) << stored.error().message;
        return stored ? stored->number : 0;
    }
    Result<std::vector<LocatedEntry>> load(const ContentHash& hash) const {
        return database_->read([&](const ReadTxn& txn) { return load_locations(txn, hash); });
    }
    // "r/2:a.txt r/1:b.txt", newest first.
    std::string locations(const ContentHash& hash) const {
        const auto loaded = load(hash);
        std::string text;
        for (const LocatedEntry& location : loaded.value_or(std::vector<LocatedEntry>{})) {
            text += (text.empty() ? "" : " ") + location.commit.repo.id + ":" +
                    location.entry.entry.path;
        }
        return loaded ? text : std::string(name_of(loaded.error().code));
    }
    std::uint64_t rows(Table table = Table::locations) const {
        return database_->read([&](const ReadTxn& txn) { return txn.rows(table); }).value_or(999);
    }
    // As if the store had been written before there was the index.
    void make_old() {
        ASSERT_TRUE(database_->write([](WriteTxn& txn) -> Status {
            for (;;) {
                std::string key;
                {
                    auto cursor = txn.cursor(Table::locations);
                    if (!*cursor->first()) {
                        return txn.put(Table::format, "version", encode(1U));
                    }
                    key = cursor->key();
                }
                (void)txn.erase(Table::locations, key);
            }
        }));
        open();
    }

    test::TempDir dir_;
    std::unique_ptr<Database> database_;
    std::uint8_t commits_ = 0;
};

TEST_F(LocationStore, AContentIsFoundByItsWholeHashInEveryRepository) {
    commit(1, {file("b.txt", 'b'), file("also-b.txt", 'b'), file("c.txt", 'c')});
    commit(2, {file("a.txt", 'b')});
    EXPECT_EQ(locations(git_hash('b')), "r/2:a.txt r/1:b.txt");
    EXPECT_EQ(locations(git_hash('c')), "r/1:c.txt");
    EXPECT_EQ(locations(git_hash('d')), "");
    // The same beginning, but another hash.
    auto other = git_hash('b');
    other.bytes[19] = 0;
    EXPECT_EQ(locations(other), "");
    other = git_hash('b');
    other.kind = HashKind::sha256;
    EXPECT_EQ(locations(other), "");
}

TEST_F(LocationStore, AnLfsFileIsKnownByItsSha256AndNotByItsPointer) {
    hub::TreeEntry entry = file("model.bin", 'b');
    entry.lfs_oid = std::string(64, 'e');
    entry.pointer_size = 130;
    commit(1, {entry});
    EXPECT_EQ(locations(git_hash('b')), "");
    EXPECT_EQ(locations(*ContentHash::from_hex(HashKind::sha256, std::string(64, 'e'))),
              "r/1:model.bin");
}

TEST_F(LocationStore, OfOneRepositoryTheNewestCommitIsKept) {
    commit(1, {file("old.txt", 'b')});
    const auto newer = commit(1, {file("new.txt", 'b')});
    EXPECT_EQ(locations(git_hash('b')), "r/1:new.txt");
    EXPECT_EQ((*load(git_hash('b')))[0].commit.number, newer);
    for (int i = 0; i < 5; ++i) {
        commit(1, {file("newest.txt", 'b')});
    }
    EXPECT_EQ(locations(git_hash('b')), "r/1:newest.txt");
    EXPECT_LE(rows(), 2U);  // the newest, and the one before it that was whole when it was written
}

TEST_F(LocationStore, SoManyRepositoriesAreKeptAndThoseThatAreNotPublicLeaveFirst) {
    for (std::uint32_t i = 1; i <= kLocationsMax; ++i) {
        commit(i, {file("x", 'b')});
    }
    set_state(5, hub::RepoState::private_);
    commit(90, {file("x", 'b')});
    EXPECT_EQ(rows(), kLocationsMax);
    EXPECT_EQ(locations(git_hash('b')).find("r/5:"), std::string::npos);
    EXPECT_NE(locations(git_hash('b')).find("r/1:"), std::string::npos);
    commit(91, {file("x", 'b')});
    EXPECT_EQ(rows(), kLocationsMax);
    EXPECT_FALSE(locations(git_hash('b')).ends_with("r/1:x"));
    EXPECT_TRUE(locations(git_hash('b')).starts_with("r/91:x r/90:x"));
}

TEST_F(LocationStore, ATreeThatIsNotWholeHasNoLocationsAndTakesNoneAway) {
    commit(1, {file("old.txt", 'b')});
    const std::uint32_t half = 2;
    const EntryRow row{0, false, file("half.txt", 'b')};
    ASSERT_TRUE(database_->write([&](WriteTxn& txn) -> Status {
        (void)txn.take(kNextCommit, 1);
        (void)txn.put(Table::pending, number_key(half), {});
        (void)txn.put(Table::entries, number_key(half, 1), *encode(row));
        return add_location(txn, {prefix_of(git_hash('b')), half, 1, 1}, CommitIs::being_written);
    }));
    EXPECT_EQ(rows(), 2U);
    EXPECT_EQ(locations(git_hash('b')), "r/1:old.txt");
    ASSERT_TRUE(erase_unfinished(*database_));
    EXPECT_EQ(rows(), 1U);
    EXPECT_EQ(locations(git_hash('b')), "r/1:old.txt");
}

TEST_F(LocationStore, AnOlderStoreIsReadInTheBackgroundAndSaysSoMeanwhile) {
    commit(1, {file("a.txt", 'b')});
    std::vector<hub::TreeEntry> many;
    for (std::size_t i = 0; i < 2 * kEntriesPerWrite; ++i) {
        many.push_back(file("f" + std::to_string(i), i % 2 == 0 ? 'c' : 'd'));
    }
    commit(2, many);
    commit(1, {file("z.txt", 'b')});
    make_old();
    EXPECT_EQ(locations(git_hash('b')), "rate_limited");
    LocationFiller filler(*database_);
    int steps = 1;
    for (; *filler.step(); ++steps) {
    }
    EXPECT_GE(steps, 3);
    EXPECT_EQ(locations(git_hash('b')), "r/1:z.txt");
    EXPECT_EQ(locations(git_hash('d')), "r/2:f1");
    EXPECT_EQ(locations(git_hash('e')), "");
    EXPECT_EQ(rows(), 3U);
    EXPECT_FALSE(*filler.step());
    // What is written from now on needs none of that, and a reopened store has nothing to do.
    open();
    EXPECT_FALSE(*LocationFiller(*database_).step());
    commit(3, {file("q.txt", 'b')});
    EXPECT_EQ(locations(git_hash('b')), "r/3:q.txt r/1:z.txt");
}

TEST_F(LocationStore, FillingGoesOnAfterARestartAndKeepsWhatIsNewer) {
    std::vector<hub::TreeEntry> many;
    for (std::size_t i = 0; i < kEntriesPerWrite + 100; ++i) {
        many.push_back(file("f" + std::to_string(i), i % 2 == 0 ? 'c' : 'd'));
    }
    commit(1, {file("a.txt", 'b')});
    commit(1, many);
    make_old();
    ASSERT_TRUE(*LocationFiller(*database_).step());
    commit(1, {file("new.txt", 'b'), file("new-c.txt", 'c')});
    open();
    LocationFiller filler(*database_);
    while (*filler.step()) {
    }
    EXPECT_EQ(locations(git_hash('b')), "r/1:new.txt");
    EXPECT_EQ(locations(git_hash('c')), "r/1:new-c.txt");
    EXPECT_EQ(locations(git_hash('d')), "r/1:f1");
}

TEST_F(LocationStore, AStoreWithoutCommitsHasNothingToFill) {
    make_old();
    EXPECT_EQ(locations(git_hash('b')), "");
    EXPECT_FALSE(*LocationFiller(*database_).step());
}

}  // namespace
}  // namespace hubfs::meta
