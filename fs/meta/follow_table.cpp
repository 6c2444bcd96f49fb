// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/follow_table.h"

#include <utility>

#include "fs/meta/database.h"

namespace hubfs::meta {

namespace {

Result<Follow> follow_from(std::string_view key, std::string_view value) {
    auto name = revision_from_key(key);
    if (!name) {
        return std::unexpected(std::move(name.error()));
    }
    auto row = decode<FollowRow>(value);
    if (!row) {
        return std::unexpected(std::move(row.error()));
    }
    return Follow{std::move(name->first), std::move(name->second), std::move(*row)};
}

}  // namespace

Status FollowTable::put(const Follow& follow) {
    return database_.write([&](WriteTxn& txn) -> Status {
        return txn.put(Table::follows, revision_key(follow.repo, follow.revision),
                       encode(follow.row));
    });
}

Result<bool> FollowTable::erase(const RepoKey& repo, const std::string& revision) {
    return database_.write([&](WriteTxn& txn) -> Result<bool> {
        return txn.erase(Table::follows, revision_key(repo, revision));
    });
}

Result<bool> FollowTable::change(const Follow& follow,
                                 const std::function<void(FollowRow&)>& edit) {
    return database_.write([&](WriteTxn& txn) -> Result<bool> {
        const std::string key = revision_key(follow.repo, follow.revision);
        auto row = txn.row<FollowRow>(Table::follows, key);
        if (!row) {
            return std::unexpected(std::move(row.error()));
        }
        if (!*row || (*row)->since != follow.row.since) {
            return false;
        }
        edit(**row);
        if (Status put = txn.put(Table::follows, key, encode(**row)); !put) {
            return std::unexpected(std::move(put.error()));
        }
        return true;
    });
}

Result<std::vector<Follow>> FollowTable::all() const {
    return database_.read([](const ReadTxn& txn) -> Result<std::vector<Follow>> {
        std::vector<Follow> follows;
        auto cursor = txn.cursor(Table::follows);
        if (!cursor) {
            return std::unexpected(std::move(cursor.error()));
        }
        Result<bool> on = cursor->first();
        for (; on && *on; on = cursor->next()) {
            auto follow = follow_from(cursor->key(), cursor->value());
            if (!follow) {
                return std::unexpected(std::move(follow.error()));
            }
            follows.push_back(std::move(*follow));
        }
        return on ? Result<std::vector<Follow>>(std::move(follows)) : std::unexpected(on.error());
    });
}

}  // namespace hubfs::meta
