// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/tree_store.h"

#include "fs/meta/limits.h"
#include "tests/fs/meta/meta_fixture.h"

namespace hubfs::meta {
namespace {

std::uint64_t rows_of(const Database& database, Table table) {
    return database.read([&](const ReadTxn& txn) { return txn.rows(table); }).value_or(999);
}

TEST(TreeStore, WhatACrashLeftOfATreeIsErasedAtTheNextStart) {
    const test::TempDir dir;
    auto opened = Database::open(dir.path() + "/meta", {64ULL << 20, std::chrono::seconds(1)});
    ASSERT_TRUE(opened);
    Database& database = **opened;
    // As store_commit() leaves it between two of its transactions.
    ASSERT_TRUE(database.write([](WriteTxn& txn) -> Status {
        (void)txn.take(kNextCommit, 1);
        Status put = txn.put(Table::pending, number_key(1), {});
        for (std::uint32_t i = 1; put && i <= kEntriesPerWrite + 5; ++i) {
            put = txn.put(Table::entries, number_key(1, i), "unfinished");
            if (put) {
                put = txn.put(Table::names, name_key(1, 0, std::to_string(i)), encode(i));
            }
        }
        return put;
    }));
    // Another commit is whole.
    TreeBuilder builder;
    hub::TreeEntry entry;
    entry.path = "x";
    entry.oid = std::string(40, 'a');
    ASSERT_TRUE(builder.add({entry}));
    ASSERT_TRUE(database.write([](WriteTxn& txn) -> Status {
        return txn.put(Table::repo_names, number_key(1), repo_key({RepoType::model, "a/b"}));
    }));
    const auto whole = store_commit(database, {1, {}, {}, {}}, *builder.finish());
    ASSERT_TRUE(whole) << whole.error().message;
    EXPECT_EQ(whole->number, 2U);

    ASSERT_TRUE(erase_unfinished(database));
    EXPECT_EQ(rows_of(database, Table::pending), 0U);
    EXPECT_EQ(rows_of(database, Table::entries), 1U);
    EXPECT_EQ(rows_of(database, Table::names), 1U);
    EXPECT_EQ(rows_of(database, Table::commits), 1U);
    ASSERT_TRUE(erase_unfinished(database));
}

}  // namespace
}  // namespace hubfs::meta
