// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/pin_table.h"

#include <utility>

#include "fs/meta/database.h"

namespace hubfs::meta {

namespace {

Result<Pin> pin_from(std::string_view key, std::string_view value) {
    auto name = revision_from_key(key);
    if (!name) {
        return std::unexpected(std::move(name.error()));
    }
    auto row = decode<PinRow>(value);
    if (!row) {
        return std::unexpected(std::move(row.error()));
    }
    return Pin{std::move(name->first), std::move(name->second), std::move(*row)};
}

}  // namespace

Status PinTable::put(const Pin& pin) {
    return database_.write([&](WriteTxn& txn) -> Status {
        return txn.put(Table::pins, revision_key(pin.repo, pin.revision), encode(pin.row));
    });
}

Result<bool> PinTable::erase(const RepoKey& repo, const std::string& revision) {
    return database_.write([&](WriteTxn& txn) -> Result<bool> {
        return txn.erase(Table::pins, revision_key(repo, revision));
    });
}

Result<std::vector<Pin>> PinTable::all() const {
    return database_.read([](const ReadTxn& txn) -> Result<std::vector<Pin>> {
        std::vector<Pin> pins;
        auto cursor = txn.cursor(Table::pins);
        if (!cursor) {
            return std::unexpected(std::move(cursor.error()));
        }
        Result<bool> on = cursor->first();
        for (; on && *on; on = cursor->next()) {
            auto pin = pin_from(cursor->key(), cursor->value());
            if (!pin) {
                return std::unexpected(std::move(pin.error()));
            }
            pins.push_back(std::move(*pin));
        }
        return on ? Result<std::vector<Pin>>(std::move(pins)) : std::unexpected(on.error());
    });
}

}  // namespace hubfs::meta
