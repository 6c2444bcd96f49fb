// SPDX-License-Identifier: Apache-2.0
// Writing of tree_store.h. Order on disk: the number is taken and marked pending, the rows follow
// in chunks, and the last transaction takes the mark away and makes the commit findable.
#include <algorithm>
#include <utility>

#include "fs/base/log.h"
#include "fs/meta/codec.h"
#include "fs/meta/limits.h"
#include "fs/meta/location_store.h"
#include "fs/meta/tree_store.h"

namespace hubfs::meta {

namespace {

std::string_view path_in(const std::string& encoded_entry, EntryRow& storage) {
    auto row = decode<EntryRow>(encoded_entry);
    storage = row ? std::move(*row) : EntryRow{};
    return storage.entry.path;
}

// Rows [first, end) of the three tables; there are no more contents than entries.
Status put_chunk(WriteTxn& txn, std::uint32_t commit, std::uint32_t repo, const TreeRows& rows,
                 std::size_t first, std::size_t end) {
    EntryRow storage;
    for (std::size_t i = first; i < end; ++i) {
        const auto number = static_cast<std::uint32_t>(i + 1);
        Status put = txn.put(Table::entries, number_key(commit, number), rows.entries[i]);
        if (put) {
            const std::uint32_t named = rows.by_name[i];
            const std::string_view name = name_in(path_in(rows.entries[named - 1], storage));
            put = txn.put(Table::names, name_key(commit, rows.parents[named - 1], name),
                          encode(named));
        }
        if (put && i < rows.contents.size()) {
            const auto& [prefix, entry] = rows.contents[i];
            put = add_location(txn, {prefix, commit, entry, repo}, CommitIs::being_written);
        }
        if (!put) {
            return put;
        }
    }
    return {};
}

Result<std::uint32_t> begin_commit(WriteTxn& txn) {
    auto number = txn.take(kNextCommit, 1);
    if (!number) {
        return std::unexpected(std::move(number.error()));
    }
    const auto commit = static_cast<std::uint32_t>(*number);
    if (Status put = txn.put(Table::pending, number_key(commit), {}); !put) {
        return std::unexpected(std::move(put.error()));
    }
    return commit;
}

Status end_commit(WriteTxn& txn, std::uint32_t number, const CommitRow& row) {
    const std::string key = number_key(number);
    Status put = txn.put(Table::commits, key, encode(row));
    if (put) {
        put = txn.put(Table::commit_numbers, commit_key(row.repo, row.id), encode(number));
    }
    if (!put) {
        return put;
    }
    auto erased = txn.erase(Table::pending, key);
    return erased ? Status{} : std::unexpected(std::move(erased.error()));
}

// At most one chunk of the rows of this commit in this table; whether there were any.
Result<bool> erase_chunk(WriteTxn& txn, Table table, std::uint32_t commit) {
    std::vector<std::string> keys;
    std::vector<std::uint64_t> contents;  // of these entries: their locations go first
    {
        auto cursor = txn.cursor(table);
        if (!cursor) {
            return std::unexpected(std::move(cursor.error()));
        }
        const std::string prefix = number_key(commit);
        Result<bool> on = cursor->seek(prefix);
        for (; on && *on && cursor->key().starts_with(prefix) && keys.size() < kEntriesPerWrite;
             on = cursor->next()) {
            keys.emplace_back(cursor->key());
            const auto row = table == Table::entries ? decode<EntryRow>(cursor->value())
                                                     : Result<EntryRow>(EntryRow{});
            if (const auto hash = row ? content_hash(row->entry) : std::nullopt) {
                contents.push_back(prefix_of(*hash));
            }
        }
        if (!on) {
            return std::unexpected(std::move(on.error()));
        }
    }
    for (const std::uint64_t prefix : contents) {
        if (Status erased = erase_location(txn, prefix, commit); !erased) {
            return std::unexpected(std::move(erased.error()));
        }
    }
    for (const std::string& key : keys) {
        if (auto erased = txn.erase(table, key); !erased) {
            return std::unexpected(std::move(erased.error()));
        }
    }
    return !keys.empty();
}

Status erase_commit(Database& database, std::uint32_t commit) {
    for (const Table table : {Table::entries, Table::names}) {
        Result<bool> more = true;
        while (more && *more) {
            more = database.write([&](WriteTxn& txn) { return erase_chunk(txn, table, commit); });
        }
        if (!more) {
            return std::unexpected(std::move(more.error()));
        }
    }
    auto erased = database.write(
        [&](WriteTxn& txn) { return txn.erase(Table::pending, number_key(commit)); });
    return erased ? Status{} : std::unexpected(std::move(erased.error()));
}

}  // namespace

Result<CommitView> store_commit(Database& database, const NewCommit& commit, const TreeRows& rows) {
    const auto number = database.write(begin_commit);
    if (!number) {
        return std::unexpected(number.error());
    }
    for (std::size_t first = 0; first < rows.entries.size(); first += kEntriesPerWrite) {
        const std::size_t end = std::min(first + kEntriesPerWrite, rows.entries.size());
        Status put = database.write(
            [&](WriteTxn& txn) { return put_chunk(txn, *number, commit.repo, rows, first, end); });
        if (!put) {
            // What is there is erased now if that works, else at the next start.
            if (Status erased = erase_commit(database, *number); !erased) {
                log::warn("tree_left_behind", {{"commit", *number}});
            }
            return std::unexpected(std::move(put.error()));
        }
    }
    const CommitRow row{commit.repo,      commit.id,
                        commit.date,      static_cast<std::uint32_t>(rows.entries.size()),
                        rows.trees_bytes, commit.checked};
    Status ended = database.write([&](WriteTxn& txn) { return end_commit(txn, *number, row); });
    if (!ended) {
        return std::unexpected(std::move(ended.error()));
    }
    return database.read([&](const ReadTxn& txn) { return load_commit(txn, *number); });
}

Status erase_unfinished(Database& database) {
    for (;;) {
        auto number = database.read([](const ReadTxn& txn) -> Result<std::uint32_t> {
            auto cursor = txn.cursor(Table::pending);
            Result<bool> on = cursor ? cursor->first() : std::unexpected(cursor.error());
            if (!on) {
                return std::unexpected(std::move(on.error()));
            }
            return *on ? Reader(cursor->key()).u32_big() : 0;
        });
        if (!number || *number == 0) {
            return number ? Status{} : std::unexpected(std::move(number.error()));
        }
        log::info("tree_erased", {{"commit", *number}, {"reason", "unfinished"}});
        if (Status erased = erase_commit(database, *number); !erased) {
            return erased;
        }
    }
}

}  // namespace hubfs::meta
