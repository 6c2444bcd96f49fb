// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/pin_table.h"

#include <utility>

#include "fs/meta/database.h"

namespace hubfs::meta {

namespace {

// Neither an id nor a revision has a NUL in it.
std::string key_of(const RepoKey& repo, const std::string& revision) {
    return repo_key(repo) + '\0' + revision;
}

Result<Pin> pin_from(std::string_view key, std::string_view value) {
    // The first two bytes of a repository's key are numbers.
    const std::size_t end = key.find('\0', 2);
    if (end == std::string_view::npos) {
        return fail(Code::corrupt, "key of a pin");
    }
    auto repo = repo_from_key(key.substr(0, end));
    auto row = decode<PinRow>(value);
    if (!repo || !row) {
        return std::unexpected(repo ? row.error() : repo.error());
    }
    return Pin{std::move(*repo), std::string(key.substr(end + 1)), std::move(*row)};
}

}  // namespace

Status PinTable::put(const Pin& pin) {
    return database_.write([&](WriteTxn& txn) -> Status {
        return txn.put(Table::pins, key_of(pin.repo, pin.revision), encode(pin.row));
    });
}

Result<bool> PinTable::erase(const RepoKey& repo, const std::string& revision) {
    return database_.write([&](WriteTxn& txn) -> Result<bool> {
        return txn.erase(Table::pins, key_of(repo, revision));
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
