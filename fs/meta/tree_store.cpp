// SPDX-License-Identifier: Apache-2.0
// Reading commits and trees; writing them is in tree_writer.cpp.
#include "fs/meta/tree_store.h"

#include <utility>

#include "fs/hub/json.h"
#include "fs/meta/codec.h"
#include "fs/meta/repo_store.h"

namespace hubfs::meta {

namespace {

EntryView view_of(std::uint32_t number, EntryRow row) {
    EntryView view;
    view.number = number;
    view.parent = row.parent;
    view.name = name_in(row.entry.path);
    view.entry = std::move(row.entry);
    return view;
}

}  // namespace

Content EntryView::content() const {
    Content content;
    content.size_bytes = entry.size;
    const HashKind kind = entry.lfs() ? HashKind::sha256 : HashKind::git_sha1;
    // The row held binary hashes: this text always parses.
    content.hash = ContentHash::from_hex(kind, entry.lfs() ? entry.lfs_oid : entry.oid)
                       .value_or(ContentHash{kind, {}});
    return content;
}

Result<std::optional<CommitView>> find_commit(const ReadTxn& txn, std::uint32_t repo,
                                              const CommitId& id) {
    auto number = txn.row<std::uint32_t>(Table::commit_numbers, commit_key(repo, id));
    if (!number || !*number) {
        return number ? Result<std::optional<CommitView>>(std::nullopt)
                      : std::unexpected(std::move(number.error()));
    }
    auto commit = load_commit(txn, **number);
    return commit ? Result<std::optional<CommitView>>(std::move(*commit))
                  : std::unexpected(std::move(commit.error()));
}

Result<CommitView> load_commit(const ReadTxn& txn, std::uint32_t number) {
    auto row = txn.row<CommitRow>(Table::commits, number_key(number));
    if (!row) {
        return std::unexpected(std::move(row.error()));
    }
    if (!*row) {
        return fail(Code::stale, "no commit has this number");
    }
    auto repo = repo_by_number(txn, (*row)->repo);
    if (!repo) {
        return std::unexpected(std::move(repo.error()));
    }
    return CommitView{number,          std::move(*repo),    (*row)->id,     (*row)->date,
                      (*row)->entries, (*row)->trees_bytes, (*row)->checked};
}

Result<std::optional<EntryView>> load_entry(const ReadTxn& txn, std::uint32_t commit,
                                            std::uint32_t number) {
    if (number == 0) {
        EntryView root;
        root.entry.directory = true;
        return std::optional(std::move(root));
    }
    auto row = txn.row<EntryRow>(Table::entries, number_key(commit, number));
    if (!row || !*row) {
        return row ? Result<std::optional<EntryView>>(std::nullopt)
                   : std::unexpected(std::move(row.error()));
    }
    return std::optional(view_of(number, std::move(**row)));
}

Result<std::optional<EntryView>> load_child(const ReadTxn& txn, std::uint32_t commit,
                                            std::uint32_t parent, std::string_view name) {
    auto number = txn.row<std::uint32_t>(Table::names, name_key(commit, parent, name));
    if (!number || !*number) {
        return number ? Result<std::optional<EntryView>>(std::nullopt)
                      : std::unexpected(std::move(number.error()));
    }
    return load_entry(txn, commit, **number);
}

Result<std::vector<EntryView>> load_children(const ReadTxn& txn, std::uint32_t commit,
                                             std::uint32_t parent) {
    std::vector<EntryView> children;
    auto cursor = txn.cursor(Table::names);
    if (!cursor) {
        return std::unexpected(std::move(cursor.error()));
    }
    const std::string prefix = number_key(commit, parent);
    Result<bool> on = cursor->seek(prefix);
    for (; on && *on && cursor->key().starts_with(prefix); on = cursor->next()) {
        const auto number = decode<std::uint32_t>(cursor->value());
        auto entry = number ? load_entry(txn, commit, *number)
                            : Result<std::optional<EntryView>>(std::unexpected(number.error()));
        if (!entry) {
            return std::unexpected(std::move(entry.error()));
        }
        if (!*entry) {
            return fail(Code::corrupt, "a name of a tree has no entry");
        }
        children.push_back(std::move(**entry));
    }
    if (!on) {
        return std::unexpected(std::move(on.error()));
    }
    return children;
}

Result<std::string> load_trees_text(const ReadTxn& txn, std::uint32_t commit) {
    auto view = load_commit(txn, commit);
    auto cursor = txn.cursor(Table::entries);
    if (!view || !cursor) {
        return std::unexpected(!view ? view.error() : cursor.error());
    }
    std::string text;
    text.reserve(view->trees_bytes);
    const std::string prefix = number_key(commit);
    Result<bool> on = cursor->seek(prefix);
    for (; on && *on && cursor->key().starts_with(prefix); on = cursor->next()) {
        const auto row = decode<EntryRow>(cursor->value());
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!row->synthesised) {
            text.append(hub::to_json(row->entry)).push_back('\n');
        }
    }
    if (!on) {
        return std::unexpected(std::move(on.error()));
    }
    return text;
}

}  // namespace hubfs::meta
