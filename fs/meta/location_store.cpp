// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/location_store.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "fs/meta/codec.h"
#include "fs/meta/limits.h"
#include "fs/meta/tree_store.h"

namespace hubfs::meta {

namespace {

struct KnownRow {
    std::uint32_t commit = 0;
    LocationRow row;
};

// All rows of this prefix, oldest commit first.
Result<std::vector<KnownRow>> known_locations(const ReadTxn& txn, std::uint64_t prefix) {
    std::vector<KnownRow> locations;
    auto cursor = txn.cursor(Table::locations);
    if (!cursor) {
        return std::unexpected(std::move(cursor.error()));
    }
    const std::string begin = wide_key(prefix);
    Result<bool> on = cursor->seek(begin);
    for (; on && *on && cursor->key().starts_with(begin); on = cursor->next()) {
        auto row = decode<LocationRow>(cursor->value());
        if (!row) {
            return std::unexpected(std::move(row.error()));
        }
        locations.push_back({Reader(cursor->key().substr(begin.size())).u32_big(), *row});
    }
    if (!on) {
        return std::unexpected(std::move(on.error()));
    }
    return locations;
}

Result<bool> whole(const ReadTxn& txn, std::uint32_t commit) {
    auto row = txn.get(Table::commits, number_key(commit));
    if (!row) {
        return std::unexpected(std::move(row.error()));
    }
    return row->has_value();
}

Result<bool> repo_is_public(const ReadTxn& txn, std::uint32_t repo) {
    // The value of one table is the key of the other.
    auto key = txn.get(Table::repo_names, number_key(repo));
    if (!key || !*key) {
        return key ? Result<bool>(false) : std::unexpected(std::move(key.error()));
    }
    auto row = txn.row<RepoRow>(Table::repos, **key);
    if (!row) {
        return std::unexpected(std::move(row.error()));
    }
    return *row && (*row)->state == hub::RepoState::open;
}

// Of one repository the newest whole commit is kept, and those being written. Erases the others
// from the store and from `known`. Whether the new location is one to be kept.
Result<bool> keep_newest(WriteTxn& txn, const NewLocation& location, CommitIs commit,
                         std::vector<KnownRow>& known) {
    std::uint32_t newest = commit == CommitIs::whole ? location.commit : 0;
    std::vector<std::uint32_t> candidates;
    for (const KnownRow& other : known) {
        if (other.row.repo != location.repo) {
            continue;
        }
        const auto is_whole = whole(txn, other.commit);
        if (!is_whole) {
            return std::unexpected(is_whole.error());
        }
        if (*is_whole) {
            candidates.push_back(other.commit);
            newest = std::max(newest, other.commit);
        }
    }
    std::erase(candidates, newest);
    for (const std::uint32_t old : candidates) {
        if (Status erased = erase_location(txn, location.prefix, old); !erased) {
            return std::unexpected(std::move(erased.error()));
        }
    }
    std::erase_if(known, [&](const KnownRow& other) {
        return std::ranges::find(candidates, other.commit) != candidates.end();
    });
    return commit == CommitIs::being_written || newest == location.commit;
}

// The commit whose location is given up when there would be too many: one in a repository that is
// not public, else the oldest. It may be the new one.
Result<std::uint32_t> worst(const ReadTxn& txn, const NewLocation& location,
                            const std::vector<KnownRow>& known) {
    std::uint32_t oldest = location.commit;
    for (const KnownRow& other : known) {
        const auto is_public = repo_is_public(txn, other.row.repo);
        if (!is_public) {
            return std::unexpected(is_public.error());
        }
        if (!*is_public) {
            return other.commit;
        }
        oldest = std::min(oldest, other.commit);
    }
    return oldest;
}

// Nothing: the row leads nowhere, or to another content.
Result<std::optional<LocatedEntry>> load_location(const ReadTxn& txn, const KnownRow& known,
                                                  const ContentHash& hash) {
    auto commit = load_commit(txn, known.commit);
    if (!commit) {
        return commit.error().code == Code::stale
                   ? Result<std::optional<LocatedEntry>>(std::nullopt)
                   : std::unexpected(std::move(commit.error()));
    }
    auto entry = load_entry(txn, known.commit, known.row.entry);
    if (!entry) {
        return std::unexpected(std::move(entry.error()));
    }
    if (!*entry || (*entry)->entry.directory || (*entry)->content().hash != hash) {
        return std::optional<LocatedEntry>{};
    }
    return std::optional(LocatedEntry{std::move(*commit), std::move(**entry)});
}

}  // namespace

Status add_location(WriteTxn& txn, const NewLocation& location, CommitIs commit) {
    auto known = known_locations(txn, location.prefix);
    if (!known) {
        return std::unexpected(std::move(known.error()));
    }
    if (std::ranges::find(*known, location.commit, &KnownRow::commit) != known->end()) {
        return {};  // twice in one commit
    }
    const auto keep = keep_newest(txn, location, commit, *known);
    if (!keep || !*keep) {
        return keep ? Status{} : std::unexpected(keep.error());
    }
    if (known->size() >= kLocationsMax) {
        const auto given_up = worst(txn, location, *known);
        if (!given_up || *given_up == location.commit) {
            return given_up ? Status{} : std::unexpected(given_up.error());
        }
        if (Status erased = erase_location(txn, location.prefix, *given_up); !erased) {
            return erased;
        }
    }
    return txn.put(Table::locations, location_key(location.prefix, location.commit),
                   encode(LocationRow{location.entry, location.repo}));
}

Status erase_location(WriteTxn& txn, std::uint64_t prefix, std::uint32_t commit) {
    auto erased = txn.erase(Table::locations, location_key(prefix, commit));
    return erased ? Status{} : std::unexpected(std::move(erased.error()));
}

Result<std::vector<LocatedEntry>> load_locations(const ReadTxn& txn, const ContentHash& hash) {
    auto known = known_locations(txn, prefix_of(hash));
    if (!known) {
        return std::unexpected(std::move(known.error()));
    }
    std::vector<LocatedEntry> locations;
    for (auto row = known->rbegin(); row != known->rend(); ++row) {
        auto location = load_location(txn, *row, hash);
        if (!location) {
            return std::unexpected(std::move(location.error()));
        }
        // The older of two in one repository is from a moment in which the newer was being written.
        if (*location && std::ranges::none_of(locations, [&](const LocatedEntry& newer) {
                return newer.commit.repo == (*location)->commit.repo;
            })) {
            locations.push_back(std::move(**location));
        }
    }
    if (locations.empty()) {
        auto unlocated = txn.get(Table::counters, kUnlocated);
        if (!unlocated || *unlocated) {
            return unlocated ? fail(Code::rate_limited, "commits from before are still being read")
                             : std::unexpected(std::move(unlocated.error()));
        }
    }
    return locations;
}

// --- the index of an older store -----------------------------------------------------------------

struct LocationFiller::Batch {
    std::vector<NewLocation> locations;
    std::uint64_t left = 0;   // commits 1 to this one are not done after it
    std::uint32_t after = 0;  // but for these entries of the last of them
    bool nothing = false;     // there was nothing to do
};

Result<LocationFiller::Batch> LocationFiller::read_batch(const ReadTxn& txn) const {
    Batch batch;
    auto unlocated = txn.row<std::uint64_t>(Table::counters, kUnlocated);
    auto cursor = txn.cursor(Table::entries);
    if (!unlocated || !cursor) {
        return std::unexpected(!unlocated ? unlocated.error() : cursor.error());
    }
    batch.nothing = !*unlocated;
    batch.left = unlocated->value_or(0);
    batch.after = after_;
    std::size_t looked_at = 0;  // commits that are no more cost as well
    for (; batch.left > 0; --batch.left, batch.after = 0) {
        const auto commit = static_cast<std::uint32_t>(batch.left);
        auto row = txn.row<CommitRow>(Table::commits, number_key(commit));
        if (!row) {
            return std::unexpected(std::move(row.error()));
        }
        const std::string prefix = number_key(commit);
        Result<bool> on = *row ? cursor->seek(number_key(commit, batch.after + 1)) : false;
        for (; on && *on && cursor->key().starts_with(prefix); on = cursor->next()) {
            if (++looked_at > kEntriesPerWrite) {
                return batch;
            }
            const auto entry = decode<EntryRow>(cursor->value());
            if (!entry) {
                return std::unexpected(entry.error());
            }
            batch.after = Reader(cursor->key().substr(prefix.size())).u32_big();
            if (const auto hash = content_hash(entry->entry)) {
                batch.locations.push_back({prefix_of(*hash), commit, batch.after, (*row)->repo});
            }
        }
        if (!on) {
            return std::unexpected(std::move(on.error()));
        }
        if (++looked_at > kEntriesPerWrite) {
            --batch.left;
            batch.after = 0;
            return batch;
        }
    }
    return batch;
}

Result<bool> LocationFiller::step() {
    auto batch = database_.read([this](const ReadTxn& txn) { return read_batch(txn); });
    if (!batch || batch->nothing) {
        return batch ? Result<bool>(false) : std::unexpected(std::move(batch.error()));
    }
    // In the order of the keys, and so that of one commit's equal contents the first stays.
    std::ranges::stable_sort(batch->locations, {}, &NewLocation::prefix);
    const Status written = database_.write([&](WriteTxn& txn) -> Status {
        for (const NewLocation& location : batch->locations) {
            if (Status added = add_location(txn, location, CommitIs::whole); !added) {
                return added;
            }
        }
        if (batch->left > 0) {
            return txn.put(Table::counters, kUnlocated, encode(batch->left));
        }
        auto erased = txn.erase(Table::counters, kUnlocated);
        return erased ? Status{} : std::unexpected(std::move(erased.error()));
    });
    if (!written) {
        return std::unexpected(written.error());
    }
    after_ = batch->after;
    return batch->left > 0;
}

}  // namespace hubfs::meta
