// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/blob_table.h"

#include <utility>

#include "fs/meta/database.h"

namespace hubfs::meta {

namespace {

constexpr std::size_t kBatch = 1000;  // records in one read transaction

using Records = std::vector<std::pair<ContentHash, BlobRecord>>;

// Up to kBatch records after `last` (from the start when empty); `last` moves on.
Result<Records> read_batch(const ReadTxn& txn, std::string& last) {
    auto cursor = txn.cursor(Table::blobs);
    if (!cursor) {
        return std::unexpected(std::move(cursor.error()));
    }
    Records records;
    Result<bool> on = cursor->seek(last);
    if (on && *on && cursor->key() == last) {
        on = cursor->next();
    }
    for (; on && *on && records.size() < kBatch; on = cursor->next()) {
        auto hash = blob_from_key(cursor->key());
        auto record = decode<BlobRecord>(cursor->value());
        if (!hash || !record) {
            return std::unexpected(!hash ? hash.error() : record.error());
        }
        records.emplace_back(*hash, std::move(*record));
        last = cursor->key();
    }
    if (!on) {
        return std::unexpected(std::move(on.error()));
    }
    return records;
}

// The next rows of `left`, up to kBatch: the keys of those to be forgotten. `last` moves on; false
// when there are no more.
Result<bool> next_forgotten(const ReadTxn& txn, Turns until, std::string& last,
                            std::vector<std::string>& forgotten) {
    auto cursor = txn.cursor(Table::left);
    if (!cursor) {
        return std::unexpected(std::move(cursor.error()));
    }
    Result<bool> on = cursor->seek(last);
    if (on && *on && cursor->key() == last) {
        on = cursor->next();
    }
    for (std::size_t seen = 0; on && *on && seen < kBatch; ++seen, on = cursor->next()) {
        const auto row = decode<LeftRecord>(cursor->value());
        if (!row || row->at <= until) {
            forgotten.emplace_back(cursor->key());
        }
        last = cursor->key();
    }
    return on;
}

// One change in the tables blobs, sums and left.
Status apply_one(WriteTxn& txn, const BlobTable::Change& change) {
    const std::string key = blob_key(change.hash);
    if (change.record) {
        const auto returned = txn.erase(Table::left, key);
        if (!returned) {
            return std::unexpected(returned.error());
        }
        const Status put = txn.put(Table::blobs, key, encode(*change.record));
        return put ? put_sums(txn, change.hash, change.sums) : put;
    }
    const auto erased = txn.erase(Table::blobs, key);
    if (!erased) {
        return std::unexpected(erased.error());
    }
    if (Status summed = erase_sums(txn, change.hash); !summed) {
        return summed;
    }
    return change.left ? txn.put(Table::left, key, encode(*change.left)) : Status();
}

}  // namespace

Result<std::optional<BlobRecord>> BlobTable::find(const ContentHash& hash) const {
    return database_.read(
        [&](const ReadTxn& txn) { return txn.row<BlobRecord>(Table::blobs, blob_key(hash)); });
}

Status BlobTable::apply(const std::vector<Change>& changes, std::optional<Turns> turns) {
    return database_.write([&](WriteTxn& txn) -> Status {
        for (const Change& change : changes) {
            if (Status applied = apply_one(txn, change); !applied) {
                return applied;
            }
        }
        return turns ? txn.put(Table::counters, kCacheTurns,
                               encode(static_cast<std::uint64_t>(*turns)))
                     : Status();
    });
}

Result<std::vector<SumRow>> BlobTable::sums(const ContentHash& hash) const {
    return database_.read([&](const ReadTxn& txn) { return read_sums(txn, hash); });
}

Status BlobTable::for_each(
    const std::function<void(const ContentHash&, const BlobRecord&)>& visit) const {
    std::string last;
    for (;;) {
        auto records = database_.read([&](const ReadTxn& txn) { return read_batch(txn, last); });
        if (!records) {
            return std::unexpected(std::move(records.error()));
        }
        for (const auto& [hash, record] : *records) {
            visit(hash, record);
        }
        if (records->size() < kBatch) {
            return {};
        }
    }
}

Result<std::optional<LeftRecord>> BlobTable::left(const ContentHash& hash) const {
    return database_.read(
        [&](const ReadTxn& txn) { return txn.row<LeftRecord>(Table::left, blob_key(hash)); });
}

Status BlobTable::forget_left(Turns until) {
    std::string last;
    for (bool more = true; more;) {
        std::vector<std::string> forgotten;
        auto read = database_.read(
            [&](const ReadTxn& txn) { return next_forgotten(txn, until, last, forgotten); });
        if (!read) {
            return std::unexpected(std::move(read.error()));
        }
        more = *read;
        if (forgotten.empty()) {
            continue;
        }
        Status erased = database_.write([&](WriteTxn& txn) -> Status {
            for (const std::string& key : forgotten) {
                if (auto gone = txn.erase(Table::left, key); !gone) {
                    return std::unexpected(std::move(gone.error()));
                }
            }
            return {};
        });
        if (!erased) {
            return erased;
        }
    }
    return {};
}

Result<std::optional<Turns>> BlobTable::turns() const {
    auto turns = database_.read(
        [](const ReadTxn& txn) { return txn.row<std::uint64_t>(Table::counters, kCacheTurns); });
    if (!turns) {
        return std::unexpected(std::move(turns.error()));
    }
    return *turns ? std::optional(static_cast<Turns>(**turns)) : std::nullopt;
}

}  // namespace hubfs::meta
