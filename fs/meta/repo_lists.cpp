// SPDX-License-Identifier: Apache-2.0
// The listings of repo_store.h: refs of a repository, changes, namespaces and their repositories.
#include <algorithm>
#include <string>

#include "fs/meta/codec.h"
#include "fs/meta/repo_store.h"

namespace hubfs::meta {

Result<RepoKey> repo_by_number(const ReadTxn& txn, std::uint32_t number) {
    auto key = txn.get(Table::repo_names, number_key(number));
    if (!key) {
        return std::unexpected(std::move(key.error()));
    }
    if (!*key) {
        return fail(Code::corrupt, "a repository's number has no name");
    }
    return repo_from_key(**key);
}

Result<std::vector<std::pair<std::string, RefRow>>> list_refs(const ReadTxn& txn,
                                                              std::uint32_t repo, std::size_t max) {
    std::vector<std::pair<std::string, RefRow>> refs;
    auto cursor = txn.cursor(Table::refs);
    if (!cursor) {
        return std::unexpected(std::move(cursor.error()));
    }
    const std::string prefix = number_key(repo);
    Result<bool> on = cursor->seek(prefix);
    for (; on && *on && cursor->key().starts_with(prefix) && refs.size() < max;
         on = cursor->next()) {
        auto row = decode<RefRow>(cursor->value());
        if (!row) {
            return std::unexpected(std::move(row.error()));
        }
        refs.emplace_back(cursor->key().substr(prefix.size()), *row);
    }
    if (!on) {
        return std::unexpected(std::move(on.error()));
    }
    return refs;
}

Result<std::uint64_t> newest_epoch(const ReadTxn& txn) {
    auto cursor = txn.cursor(Table::changes);
    if (!cursor) {
        return std::unexpected(std::move(cursor.error()));
    }
    auto on = cursor->last();
    if (!on) {
        return std::unexpected(std::move(on.error()));
    }
    return *on ? Reader(cursor->key()).u64_big() : 0;
}

Result<std::string> list_changes(const ReadTxn& txn, std::size_t max) {
    auto epoch = newest_epoch(txn);
    auto cursor = txn.cursor(Table::changes);
    if (!epoch || !cursor) {
        return std::unexpected(!epoch ? epoch.error() : cursor.error());
    }
    std::string text;
    Result<bool> on = cursor->seek(wide_key(*epoch > max ? *epoch - max + 1 : 0));
    for (; on && *on; on = cursor->next()) {
        auto row = decode<ChangeRow>(cursor->value());
        if (!row) {
            return std::unexpected(std::move(row.error()));
        }
        text.append(std::to_string(Reader(cursor->key()).u64_big()))
            .append(" ")
            .append(plural(row->repo.type))
            .append("/")
            .append(row->repo.id)
            .append(" ")
            .append(name_of(row->state))
            .append("\n");
    }
    if (!on) {
        return std::unexpected(std::move(on.error()));
    }
    return text;
}

Result<std::vector<std::string>> list_namespaces(const ReadTxn& txn, RepoType type) {
    std::vector<std::string> names;
    auto cursor = txn.cursor(Table::repos);
    if (!cursor) {
        return std::unexpected(std::move(cursor.error()));
    }
    // One seek for each namespace, however many repositories it holds.
    const std::string all = Writer().u8(static_cast<std::uint8_t>(type)).u8(1).take();
    Result<bool> on = cursor->seek(all);
    while (on && *on && cursor->key().starts_with(all)) {
        const std::string id(cursor->key().substr(all.size()));
        const std::string name = id.substr(0, id.find('/'));
        auto row = decode<RepoRow>(cursor->value());
        if (!row) {
            return std::unexpected(std::move(row.error()));
        }
        if (row->state == hub::RepoState::gone) {
            on = cursor->next();
            continue;
        }
        names.push_back(name);
        on = cursor->seek(all + name + static_cast<char>('/' + 1));
    }
    if (!on) {
        return std::unexpected(std::move(on.error()));
    }
    return names;
}

Result<std::vector<RepoKey>> list_repos(const ReadTxn& txn, RepoType type,
                                        std::string_view name_space) {
    std::vector<RepoKey> repos;
    auto cursor = txn.cursor(Table::repos);
    if (!cursor) {
        return std::unexpected(std::move(cursor.error()));
    }
    const std::string prefix = namespace_key(type, name_space);
    Result<bool> on = cursor->seek(prefix);
    for (; on && *on && cursor->key().starts_with(prefix); on = cursor->next()) {
        auto row = decode<RepoRow>(cursor->value());
        auto key = repo_from_key(cursor->key());
        if (!row || !key) {
            return std::unexpected(!row ? row.error() : key.error());
        }
        if (row->state != hub::RepoState::gone) {
            repos.push_back(std::move(*key));
        }
    }
    if (!on) {
        return std::unexpected(std::move(on.error()));
    }
    return repos;
}

}  // namespace hubfs::meta
