// SPDX-License-Identifier: Apache-2.0
// Rows about commits and their trees. A commit becomes visible in one step, when all of its rows
// are there; what a crash left of an unfinished one is erased at the next start. No network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fs/meta/catalog.h"
#include "fs/meta/database.h"
#include "fs/meta/tree_builder.h"

namespace hubfs::meta {

[[nodiscard]] Result<std::optional<CommitView>> find_commit(const ReadTxn& txn, std::uint32_t repo,
                                                            const CommitId& id);
// Code::stale: no such number.
[[nodiscard]] Result<CommitView> load_commit(const ReadTxn& txn, std::uint32_t number);
[[nodiscard]] Result<std::optional<EntryView>> load_entry(const ReadTxn& txn, std::uint32_t commit,
                                                          std::uint32_t number);
[[nodiscard]] Result<std::optional<EntryView>> load_child(const ReadTxn& txn, std::uint32_t commit,
                                                          std::uint32_t parent,
                                                          std::string_view name);
[[nodiscard]] Result<std::vector<EntryView>> load_children(const ReadTxn& txn, std::uint32_t commit,
                                                           std::uint32_t parent);
[[nodiscard]] Result<std::string> load_trees_text(const ReadTxn& txn, std::uint32_t commit);

// Writes the tree in chunks, each a transaction of its own. Blocks on the disk: pool threads only.
struct NewCommit {
    std::uint32_t repo = 0;
    CommitId id;
    Instant date{};
    Instant checked{};  // when the last page of its tree came
};
[[nodiscard]] Result<CommitView> store_commit(Database& database, const NewCommit& commit,
                                              const TreeRows& rows);
// Erases what unfinished writes left. At the start only.
[[nodiscard]] Status erase_unfinished(Database& database);

}  // namespace hubfs::meta
