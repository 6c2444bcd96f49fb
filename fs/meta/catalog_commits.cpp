// SPDX-License-Identifier: Apache-2.0
// Commits: what the store has is answered whatever the repository's state (who serves it checks
// that); what it has not is fetched for public repositories only.
#include <utility>

#include "fs/meta/catalog_impl.h"
#include "fs/meta/tree_store.h"

namespace hubfs::meta {

void CatalogImpl::commit(RepoKey key, CommitId id, Done<CommitView> done) {
    if (!valid_repo_id(key.id)) {
        return done(fail(Code::not_found, "not a repository's id"));
    }
    auto known = database_.read([&](const ReadTxn& txn) -> Result<std::optional<CommitView>> {
        auto repo = find_repo(txn, key);
        if (!repo || !*repo) {
            return repo ? Result<std::optional<CommitView>>(std::nullopt)
                        : std::unexpected(std::move(repo.error()));
        }
        return find_commit(txn, (*repo)->row.number, id);
    });
    if (!known) {
        return done(std::unexpected(std::move(known.error())));
    }
    if (*known) {
        ++hits_;
        return done(std::move(**known));
    }
    repo(key, [this, id, done = std::move(done)](Result<RepoView> view) mutable {
        if (!view) {
            return done(std::unexpected(std::move(view.error())));
        }
        if (view->state != hub::RepoState::open) {
            return done(std::unexpected(state_error(view->state)));
        }
        if (auto refusal = trees_.refused(view->key, id)) {
            ++hits_;
            return done(std::unexpected(std::move(*refusal)));
        }
        const auto number =
            database_.read([&](const ReadTxn& txn) -> Result<std::optional<FoundRepo>> {
                return find_repo(txn, view->key);
            });
        if (!number || !*number) {
            return done(fail(Code::not_found, "no such repository"));
        }
        trees_.fetch((*number)->key, (*number)->row.number, id, std::move(done));
    });
}

}  // namespace hubfs::meta
