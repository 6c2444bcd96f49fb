// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/place_finder.h"

#include <string>
#include <utility>

#include "fs/meta/codec.h"
#include "fs/meta/database.h"

namespace hubfs::meta {

namespace {

constexpr std::size_t kBatch = 10'000;  // entries in one read transaction

// Contents that are wanted, by their hash in hexadecimal; its length tells the kind.
using Wanted = std::unordered_map<std::string, ContentHash>;

// The repository and the commit of a number; nothing while its tree is being written.
Result<std::optional<ContentLocation>> commit_of(const ReadTxn& txn, std::uint32_t number) {
    auto row = txn.row<CommitRow>(Table::commits, number_key(number));
    if (!row || !*row) {
        return row ? Result<std::optional<ContentLocation>>() : std::unexpected(row.error());
    }
    auto name = txn.get(Table::repo_names, number_key((*row)->repo));
    if (!name || !*name) {
        return name ? Result<std::optional<ContentLocation>>() : std::unexpected(name.error());
    }
    auto repo = repo_from_key(**name);
    if (!repo) {
        return std::unexpected(std::move(repo.error()));
    }
    return ContentLocation{std::move(*repo), (*row)->id, {}};
}

// Reads a batch after `last`, which moves on; whether there may be more.
Result<bool> read_batch(const ReadTxn& txn, std::string& last, Wanted& wanted, Places& places) {
    auto cursor = txn.cursor(Table::entries);
    if (!cursor) {
        return std::unexpected(std::move(cursor.error()));
    }
    Result<bool> on = cursor->seek(last);
    if (on && *on && cursor->key() == last) {
        on = cursor->next();
    }
    std::size_t read = 0;
    for (; on && *on && read < kBatch && !wanted.empty(); on = cursor->next(), ++read) {
        last = cursor->key();
        const auto row = decode<EntryRow>(cursor->value());
        if (!row) {
            return std::unexpected(row.error());
        }
        const hub::TreeEntry& entry = row->entry;
        const auto found = wanted.find(entry.lfs() ? entry.lfs_oid : entry.oid);
        if (entry.directory || found == wanted.end()) {
            continue;
        }
        auto place = commit_of(txn, Reader(last).u32_big());
        if (!place) {
            return std::unexpected(std::move(place.error()));
        }
        if (*place) {
            (*place)->path = entry.path;
            places.emplace(found->second, std::move(**place));
            wanted.erase(found);
        }
    }
    return on ? Result<bool>(*on && !wanted.empty()) : on;
}

}  // namespace

Result<Places> find_places(const Database& database, const std::vector<ContentHash>& contents,
                           const std::function<bool()>& go_on) {
    Wanted wanted;
    for (const ContentHash& hash : contents) {
        wanted.emplace(hash.hex(), hash);
    }
    Places places;
    std::string last;
    for (bool more = !wanted.empty(); more;) {
        if (!go_on()) {
            return fail(Code::cancelled, "cancelled");
        }
        const auto read = database.read(
            [&](const ReadTxn& txn) { return read_batch(txn, last, wanted, places); });
        if (!read) {
            return std::unexpected(read.error());
        }
        more = *read;
    }
    return places;
}

}  // namespace hubfs::meta
