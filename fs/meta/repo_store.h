// SPDX-License-Identifier: Apache-2.0
// Rows about repositories, their old names, their refs and their changes of state. Works inside
// a transaction of the caller; knows no lifetimes and no network.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fs/meta/facts.h"
#include "fs/meta/transaction.h"

namespace hubfs::meta {

struct FoundRepo {
    RepoKey key;  // canonical
    RepoRow row;
    Instant checked{};  // of the row and of every old name that led to it, the oldest
};

// The repository of this name, following old names.
[[nodiscard]] Result<std::optional<FoundRepo>> find_repo(const ReadTxn& txn, RepoKey asked);
[[nodiscard]] Result<RepoKey> repo_by_number(const ReadTxn& txn, std::uint32_t number);

using StateChange = std::pair<RepoKey, hub::RepoState>;

// What to store of an answer, and when it was had.
struct Told {
    const Facts& facts;
    Instant now;
    How how;
};
// Stores it. The changes of state that it means, written to the table of changes as well.
[[nodiscard]] Result<std::vector<StateChange>> store_facts(WriteTxn& txn, const Told& told);

// Stores the Hub's listing of refs; listed ones that are not in it any more are erased.
[[nodiscard]] Status store_refs(WriteTxn& txn, const RepoKey& asked, std::span<const hub::Ref> refs,
                                Instant now, How how);

// At most `max` refs of a repository in byte order.
[[nodiscard]] Result<std::vector<std::pair<std::string, RefRow>>> list_refs(const ReadTxn& txn,
                                                                            std::uint32_t repo,
                                                                            std::size_t max);

[[nodiscard]] Result<std::uint64_t> newest_epoch(const ReadTxn& txn);
// "epoch type/id state" lines of the newest changes, oldest first.
[[nodiscard]] Result<std::string> list_changes(const ReadTxn& txn, std::size_t max);

// Namespaces that hold a repository that is not gone; one-segment repositories have none.
[[nodiscard]] Result<std::vector<std::string>> list_namespaces(const ReadTxn& txn, RepoType type);
[[nodiscard]] Result<std::vector<RepoKey>> list_repos(const ReadTxn& txn, RepoType type,
                                                      std::string_view name_space);

}  // namespace hubfs::meta
