// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/schema.h"

#include <gtest/gtest.h>

#include <set>

#include "fs/meta/limits.h"

namespace hubfs::meta {
namespace {

const Instant kAt{std::chrono::microseconds(1767225600123456)};

CommitId commit_of(std::uint8_t byte) {
    CommitId id;
    id.bytes.fill(byte);
    return id;
}

// Every row: what is written is read, and no shorter or longer text is taken for it.
template <class Row>
Row round_trip(const std::string& bytes) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto cut = decode<Row>(std::string_view(bytes).substr(0, size));
        EXPECT_FALSE(cut) << "a row cut to " << size << " bytes was read";
        if (!cut) {
            EXPECT_EQ(cut.error().code, Code::corrupt);
        }
    }
    EXPECT_FALSE(decode<Row>(bytes + "x"));
    auto row = decode<Row>(bytes);
    EXPECT_TRUE(row) << (row ? "" : row.error().message);
    return row ? std::move(*row) : Row{};
}

TEST(Schema, RepositoriesSurviveARoundTrip) {
    const RepoRow row{7, hub::RepoState::gated, true, How::revalidated, kAt};
    const auto read = round_trip<RepoRow>(encode(row));
    EXPECT_EQ(read.number, 7U);
    EXPECT_EQ(read.state, hub::RepoState::gated);
    EXPECT_TRUE(read.no_main);
    EXPECT_EQ(read.how, How::revalidated);
    EXPECT_EQ(read.checked, kAt);
}

TEST(Schema, AliasesAndRefsSurviveARoundTrip) {
    EXPECT_EQ(round_trip<AliasRow>(encode(AliasRow{kAt, "google-bert/bert"})).canonical_id,
              "google-bert/bert");
    const auto ref = round_trip<RefRow>(encode(RefRow{commit_of(3), How::fetched, true, kAt, kAt}));
    EXPECT_EQ(ref.commit, commit_of(3));
    EXPECT_TRUE(ref.listed);
    EXPECT_EQ(ref.date, kAt);
    EXPECT_FALSE(
        round_trip<RefRow>(encode(RefRow{commit_of(3), How::fetched, false, kAt, {}})).date);
}

TEST(Schema, PinsSurviveARoundTrip) {
    const auto pin = round_trip<PinRow>(encode(PinRow{5, kAt, {"*.json", "x/"}, {"y"}}));
    EXPECT_EQ(pin.commit, 5U);
    EXPECT_EQ(pin.since, kAt);
    EXPECT_EQ(pin.include, (std::vector<std::string>{"*.json", "x/"}));
    EXPECT_EQ(pin.exclude, std::vector<std::string>{"y"});
}

TEST(Schema, LocationsSurviveARoundTripAndSortAsTheirHashesDo) {
    const auto location = round_trip<LocationRow>(encode(LocationRow{7, 9}));
    EXPECT_EQ(location.entry, 7U);
    EXPECT_EQ(location.repo, 9U);
    ContentHash hash{HashKind::sha256, {1, 2, 3, 4, 5, 6, 7, 8, 9}};
    EXPECT_EQ(prefix_of(hash), 0x0102030405060708U);
    EXPECT_EQ(location_key(prefix_of(hash), 5), std::string("\1\2\3\4\5\6\7\10\0\0\0\5", 12));
}

TEST(Schema, CommitsAndEntriesSurviveARoundTrip) {
    const auto commit =
        round_trip<CommitRow>(encode(CommitRow{3, commit_of(9), kAt, 12, 1ULL << 40, kAt}));
    EXPECT_EQ(commit.repo, 3U);
    EXPECT_EQ(commit.id, commit_of(9));
    EXPECT_EQ(commit.entries, 12U);
    EXPECT_EQ(commit.trees_bytes, 1ULL << 40);
    EXPECT_EQ(commit.checked, kAt);

    hub::TreeEntry entry;
    entry.path = "sub/model.safetensors";
    entry.size = 182328371648;
    entry.oid = std::string(40, 'a');
    entry.lfs_oid = std::string(64, 'b');
    entry.pointer_size = 135;
    entry.xet_hash = std::string(64, 'c');
    auto bytes = encode(EntryRow{5, false, entry});
    ASSERT_TRUE(bytes);
    set_parent(*bytes, 77);
    const auto read = round_trip<EntryRow>(*bytes);
    EXPECT_EQ(read.parent, 77U);
    EXPECT_EQ(read.entry.path, entry.path);
    EXPECT_EQ(read.entry.size, entry.size);
    EXPECT_EQ(read.entry.oid, entry.oid);
    EXPECT_EQ(read.entry.lfs_oid, entry.lfs_oid);
    EXPECT_EQ(read.entry.pointer_size, 135U);
    EXPECT_EQ(read.entry.xet_hash, entry.xet_hash);
    EXPECT_FALSE(read.entry.directory);
}

TEST(Schema, EntriesWithoutTrueHashesAreRefused) {
    hub::TreeEntry entry;
    entry.path = "a";
    for (const std::string& oid :
         {std::string(), std::string(39, 'a'), std::string(40, '*'), std::string(40, 'g')}) {
        entry.oid = oid;
        const auto bytes = encode(EntryRow{0, false, entry});
        ASSERT_FALSE(bytes) << oid;
        EXPECT_EQ(bytes.error().code, Code::protocol);
    }
    entry.oid = std::string(40, 'a');
    entry.lfs_oid = std::string(64, '*');
    EXPECT_FALSE(encode(EntryRow{0, false, entry}));
}

TEST(Schema, BlobsDocumentsBodiesAndChangesSurviveARoundTrip) {
    BlobRecord blob{1ULL << 33, 1U << 20, false, {0xff, 0x01}, 2, kAt, -5 * kTurn};
    const auto read_blob = round_trip<BlobRecord>(encode(blob));
    EXPECT_EQ(read_blob.bitmap, blob.bitmap);
    EXPECT_EQ(read_blob.size_bytes, blob.size_bytes);
    EXPECT_EQ(read_blob.block_bytes, blob.block_bytes);
    EXPECT_EQ(read_blob.directory, 2);
    EXPECT_EQ(read_blob.last_used, kAt);
    EXPECT_EQ(read_blob.warmth, -5 * kTurn);

    const auto left = round_trip<LeftRecord>(encode(LeftRecord{7 * kTurn + 1, -9}));
    EXPECT_EQ(left.at, 7 * kTurn + 1);
    EXPECT_EQ(left.warmth, -9);

    const auto document = round_trip<DocumentRow>(
        encode(DocumentRow{4, 2, How::revalidated, kAt, kAt, 99, 404, "/api/models", "W/\"x\""}));
    EXPECT_EQ(document.version, 4U);
    EXPECT_EQ(document.oldest, 2U);
    EXPECT_EQ(document.bytes, 99U);
    EXPECT_EQ(document.status, 404);
    EXPECT_EQ(document.target, "/api/models");
    EXPECT_EQ(document.etag, "W/\"x\"");

    const auto body = round_trip<BodyRow>(
        encode(BodyRow{200, kAt, "application/json", "e", "l", "c", "m", std::string("a\0b", 3)}));
    EXPECT_EQ(body.body, std::string("a\0b", 3));
    EXPECT_EQ(body.link, "l");
    EXPECT_EQ(body.error_message, "m");

    // A count came later: rows without one are as they always were.
    BodyRow counted{200, kAt, "application/json", "e", "l", "", "", "[]"};
    counted.total_count = "321";
    EXPECT_EQ(decode<BodyRow>(encode(counted)).value_or(BodyRow{}).total_count, "321");
    EXPECT_EQ(body.total_count, "");

    const auto change =
        round_trip<ChangeRow>(encode(ChangeRow{{RepoType::dataset, "a/b"}, hub::RepoState::gone}));
    EXPECT_EQ(change.repo, (RepoKey{RepoType::dataset, "a/b"}));
    EXPECT_EQ(change.state, hub::RepoState::gone);
}

TEST(Schema, KeysSortAsTheirNumbersDo) {
    EXPECT_LT(number_key(1, 255), number_key(1, 256));
    EXPECT_LT(number_key(255, 9), number_key(256, 0));
    EXPECT_LT(wide_key(0xffff), wide_key(0x10000));
    EXPECT_LT(use_key(kAt, 9), use_key(kAt + Duration(1), 1));
}

TEST(Schema, ANamespaceIsOneRangeOfKeys) {
    const std::string prefix = namespace_key(RepoType::model, "org");
    EXPECT_TRUE(repo_key({RepoType::model, "org/name"}).starts_with(prefix));
    for (const RepoKey& other :
         {RepoKey{RepoType::model, "org-x/name"}, RepoKey{RepoType::model, "org"},
          RepoKey{RepoType::dataset, "org/name"}}) {
        EXPECT_FALSE(repo_key(other).starts_with(prefix)) << other.id;
    }
    EXPECT_TRUE(
        repo_key({RepoType::model, "gpt2"}).starts_with(namespace_key(RepoType::model, "")));
    EXPECT_FALSE(
        repo_key({RepoType::model, "a/gpt2"}).starts_with(namespace_key(RepoType::model, "")));
}

TEST(Schema, KeysOfRepositoriesAndBlobsAreReadBack) {
    const RepoKey repo{RepoType::dataset, "allenai/c4"};
    EXPECT_EQ(repo_from_key(repo_key(repo)), repo);
    EXPECT_FALSE(repo_from_key(""));
    EXPECT_FALSE(repo_from_key(std::string("\x02\x00x", 3)));
    for (const HashKind kind : {HashKind::sha256, HashKind::git_sha1}) {
        ContentHash hash{kind, {}};
        hash.bytes[0] = 9;
        EXPECT_EQ(blob_from_key(blob_key(hash)), hash);
        EXPECT_FALSE(blob_from_key(blob_key(hash) + "x"));
    }
}

TEST(Schema, EveryKeyFitsIntoLmdb) {
    EXPECT_LE(repo_key({RepoType::model, std::string(96, 'a') + "/" + std::string(96, 'b')}).size(),
              kKeyMaxBytes);
    EXPECT_LE(ref_key(1, std::string(kRefNameMaxBytes, 'r')).size(), kKeyMaxBytes);
    EXPECT_LE(name_key(1, 1, std::string(255, 'n')).size(), kKeyMaxBytes);
    EXPECT_LE(interned_key(std::string(kInternedKeyMaxBytes, 'p')).size(), kKeyMaxBytes);
    EXPECT_EQ(interned_key(std::string(kInternedKeyMaxBytes + 1, 'p')).size(), 33U);
}

TEST(Schema, TablesHaveNamesOfTheirOwn) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < kTables; ++i) {
        names.insert(name_of(static_cast<Table>(i)));
    }
    EXPECT_EQ(names.size(), kTables);
    EXPECT_STREQ(name_of(Table::changes), "changes");
}

}  // namespace
}  // namespace hubfs::meta
