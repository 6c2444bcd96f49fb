// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/commit_import.h"

#include <utility>

#include "fs/meta/repo_store.h"
#include "fs/meta/target.h"
#include "fs/meta/tree_store.h"

namespace hubfs::meta {

namespace {

// Stores that the repository is public, and with `ref` what the revision is, where nothing newer
// is known. The repository's number.
Result<std::uint32_t> store_repo(WriteTxn& txn, const CommitImport& import, bool ref) {
    auto found = find_repo(txn, import.repo);
    if (!found) {
        return std::unexpected(std::move(found.error()));
    }
    if (*found && (*found)->row.state != hub::RepoState::open) {
        return std::unexpected(state_error((*found)->row.state));
    }
    Facts facts;
    facts.asked = facts.canonical = *found ? (*found)->key : import.repo;
    facts.state = hub::RepoState::open;
    facts.revision = import.revision;
    bool newer = !*found || (*found)->row.checked < import.checked;
    if (ref) {
        facts.commit = import.commit;
        facts.date = import.date;
        if (*found) {
            const auto known =
                txn.row<RefRow>(Table::refs, ref_key((*found)->row.number, import.revision));
            if (!known) {
                return std::unexpected(known.error());
            }
            newer = !*known || (*known)->checked < import.checked;
        }
    }
    if (newer) {
        // The row of the repository must not become older than it is.
        const Instant at = import.checked;
        const Instant known = *found ? (*found)->row.checked : at;
        if (ref && known > at) {
            const RefRow row{import.commit, How::fetched, false, at, import.date};
            if (Status put = txn.put(Table::refs, ref_key((*found)->row.number, import.revision),
                                     encode(row));
                !put) {
                return std::unexpected(std::move(put.error()));
            }
        } else if (auto told = store_facts(txn, {facts, at, How::fetched}); !told) {
            return std::unexpected(std::move(told.error()));
        }
    }
    if (*found) {
        return (*found)->row.number;
    }
    found = find_repo(txn, import.repo);
    if (!found || !*found) {
        return fail(Code::corrupt, "a repository that was stored is not there");
    }
    return (*found)->row.number;
}

}  // namespace

Status import_commit(Database& database, const CommitImport& import, Instant now) {
    if (!valid_repo_id(import.repo.id) || !valid_revision(import.revision)) {
        return fail(Code::invalid, "not a repository's id or a revision's name");
    }
    if (import.checked > now) {
        return fail(Code::invalid, "it says that it was asked for in the future");
    }
    TreeBuilder builder;
    if (Status added = builder.add(import.tree); !added) {
        return added;
    }
    const auto rows = builder.finish();
    if (!rows) {
        return std::unexpected(rows.error());
    }
    const auto repo = database.write([&](WriteTxn& txn) { return store_repo(txn, import, false); });
    if (!repo) {
        return std::unexpected(repo.error());
    }
    const auto known =
        database.read([&](const ReadTxn& txn) { return find_commit(txn, *repo, import.commit); });
    if (!known) {
        return std::unexpected(known.error());
    }
    if (!*known) {
        const auto stored =
            store_commit(database, {*repo, import.commit, import.date, import.checked}, *rows);
        if (!stored) {
            return std::unexpected(stored.error());
        }
    }
    if (CommitId::from_hex(import.revision)) {
        return {};
    }
    // Last: a ref leads to a tree that is here.
    const auto ref = database.write([&](WriteTxn& txn) { return store_repo(txn, import, true); });
    return ref ? Status() : std::unexpected(ref.error());
}

}  // namespace hubfs::meta
