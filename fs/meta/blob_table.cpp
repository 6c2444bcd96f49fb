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

}  // namespace

Result<std::optional<BlobRecord>> BlobTable::find(const ContentHash& hash) const {
    return database_.read(
        [&](const ReadTxn& txn) { return txn.row<BlobRecord>(Table::blobs, blob_key(hash)); });
}

Status BlobTable::apply(const std::vector<Change>& changes) {
    return database_.write([&](WriteTxn& txn) -> Status {
        for (const Change& change : changes) {
            const std::string key = blob_key(change.hash);
            if (change.record) {
                if (Status put = txn.put(Table::blobs, key, encode(*change.record)); !put) {
                    return put;
                }
                if (Status put = put_sums(txn, change.hash, change.sums); !put) {
                    return put;
                }
            } else if (auto erased = txn.erase(Table::blobs, key); !erased) {
                return std::unexpected(std::move(erased.error()));
            } else if (Status summed = erase_sums(txn, change.hash); !summed) {
                return summed;
            }
        }
        return {};
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

}  // namespace hubfs::meta
