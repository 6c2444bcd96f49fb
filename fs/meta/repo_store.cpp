// SPDX-License-Identifier: Apache-2.0
// Writing facts about repositories; listings are in repo_lists.cpp.
#include "fs/meta/repo_store.h"

#include <algorithm>
#include <set>

#include "fs/meta/limits.h"

namespace hubfs::meta {

namespace {

constexpr int kAliasStepsMax = 4;  // a repository renamed more often is found by asking again

using Changes = std::vector<StateChange>;

Status add_change(WriteTxn& txn, const RepoKey& repo, hub::RepoState state, Changes& changes) {
    auto epoch = newest_epoch(txn);
    if (!epoch) {
        return std::unexpected(std::move(epoch.error()));
    }
    const std::uint64_t next = *epoch + 1;
    if (Status put = txn.put(Table::changes, wide_key(next), encode(ChangeRow{repo, state}));
        !put) {
        return put;
    }
    if (next > kChangesKeptMax) {
        if (auto old = txn.erase(Table::changes, wide_key(next - kChangesKeptMax)); !old) {
            return std::unexpected(std::move(old.error()));
        }
    }
    changes.emplace_back(repo, state);
    return {};
}

Result<RepoRow> new_row(WriteTxn& txn, const RepoKey& repo) {
    auto number = txn.take(kNextRepo, 1);
    if (!number) {
        return std::unexpected(std::move(number.error()));
    }
    RepoRow row;
    row.number = static_cast<std::uint32_t>(*number);
    if (Status put = txn.put(Table::repo_names, number_key(row.number), repo_key(repo)); !put) {
        return std::unexpected(std::move(put.error()));
    }
    return row;
}

// The repository `from` is now called `to`: its number, refs and commits move with it unless `to`
// is already known as a repository of its own. The old name is withdrawn.
Status rename_repo(WriteTxn& txn, const RepoKey& from, const RepoKey& to, Changes& changes) {
    auto old = txn.row<RepoRow>(Table::repos, repo_key(from));
    auto there = txn.row<RepoRow>(Table::repos, repo_key(to));
    if (!old || !there) {
        return std::unexpected(!old ? old.error() : there.error());
    }
    if (!*old) {
        return {};
    }
    if (auto erased = txn.erase(Table::repos, repo_key(from)); !erased) {
        return std::unexpected(std::move(erased.error()));
    }
    if (!*there) {
        const std::string name = repo_key(to);
        Status moved = txn.put(Table::repos, name, encode(**old));
        if (moved) {
            moved = txn.put(Table::repo_names, number_key((*old)->number), name);
        }
        if (!moved) {
            return moved;
        }
    }
    return add_change(txn, from, hub::RepoState::gone, changes);
}

// The name as it was asked: an old one points to the new one, a current one is no old one.
Status store_name(WriteTxn& txn, const Told& told, Changes& changes) {
    const Facts& facts = told.facts;
    if (auto erased = txn.erase(Table::aliases, repo_key(facts.canonical)); !erased) {
        return std::unexpected(std::move(erased.error()));
    }
    if (facts.asked == facts.canonical) {
        return {};
    }
    if (Status renamed = rename_repo(txn, facts.asked, facts.canonical, changes); !renamed) {
        return renamed;
    }
    return txn.put(Table::aliases, repo_key(facts.asked),
                   encode(AliasRow{told.now, facts.canonical.id}));
}

Status store_state(WriteTxn& txn, const Told& told, const RepoKey& repo, RepoRow& row, bool known,
                   Changes& changes) {
    const hub::RepoState before = row.state;
    row.state = told.facts.state.value_or(row.state);
    row.checked = told.now;
    row.how = told.how;
    if (Status put = txn.put(Table::repos, repo_key(repo), encode(row)); !put) {
        return put;
    }
    return known && before != row.state ? add_change(txn, repo, row.state, changes) : Status{};
}

// Nobody knows this name any more: a repository known here is gone, an old name leads nowhere.
Status store_gone(WriteTxn& txn, const Told& told, Changes& changes) {
    const std::string key = repo_key(told.facts.asked);
    if (auto erased = txn.erase(Table::aliases, key); !erased) {
        return std::unexpected(std::move(erased.error()));
    }
    auto row = txn.row<RepoRow>(Table::repos, key);
    if (!row || !*row) {
        return row ? Status{} : std::unexpected(std::move(row.error()));
    }
    return store_state(txn, told, told.facts.asked, **row, true, changes);
}

Status put_ref(WriteTxn& txn, std::uint32_t repo, std::string_view name, const RefRow& row) {
    return txn.put(Table::refs, ref_key(repo, name), encode(row));
}

Status store_revision(WriteTxn& txn, const Told& told, std::uint32_t repo) {
    const Facts& facts = told.facts;
    auto old = txn.row<RefRow>(Table::refs, ref_key(repo, facts.revision));
    if (!old) {
        return std::unexpected(std::move(old.error()));
    }
    const bool listed = *old && (*old)->listed;
    return put_ref(txn, repo, facts.revision,
                   RefRow{*facts.commit, told.how, listed, told.now, facts.date});
}

Status store_no_revision(WriteTxn& txn, const Facts& facts) {
    auto found = find_repo(txn, facts.asked);
    if (!found || !*found) {
        return found ? Status{} : std::unexpected(std::move(found.error()));
    }
    RepoRow& row = (*found)->row;
    auto erased = txn.erase(Table::refs, ref_key(row.number, facts.revision));
    if (!erased) {
        return std::unexpected(std::move(erased.error()));
    }
    if (facts.revision != "main" || row.no_main) {
        return {};
    }
    row.no_main = true;
    return txn.put(Table::repos, repo_key((*found)->key), encode(row));
}

}  // namespace

Result<std::optional<FoundRepo>> find_repo(const ReadTxn& txn, RepoKey asked) {
    FoundRepo found{std::move(asked), {}, Instant::max()};
    for (int step = 0; step <= kAliasStepsMax; ++step) {
        const std::string key = repo_key(found.key);
        auto row = txn.row<RepoRow>(Table::repos, key);
        if (!row) {
            return std::unexpected(std::move(row.error()));
        }
        if (*row) {
            found.row = **row;
            found.checked = std::min(found.checked, found.row.checked);
            return std::optional(std::move(found));
        }
        auto alias = txn.row<AliasRow>(Table::aliases, key);
        if (!alias) {
            return std::unexpected(std::move(alias.error()));
        }
        if (!*alias) {
            break;
        }
        found.key.id = std::move((*alias)->canonical_id);
        found.checked = std::min(found.checked, (*alias)->checked);
    }
    return std::optional<FoundRepo>{};
}

Result<std::vector<StateChange>> store_facts(WriteTxn& txn, const Told& told) {
    const Facts& facts = told.facts;
    Changes changes;
    Status done;
    if (facts.no_revision) {
        done = store_no_revision(txn, facts);
    } else if (facts.state == hub::RepoState::gone) {
        done = store_gone(txn, told, changes);
    } else if (facts.state) {
        done = store_name(txn, told, changes);
        auto known = txn.row<RepoRow>(Table::repos, repo_key(facts.canonical));
        if (!known) {
            return std::unexpected(std::move(known.error()));
        }
        auto row = *known ? Result<RepoRow>(**known) : new_row(txn, facts.canonical);
        if (!row) {
            return std::unexpected(std::move(row.error()));
        }
        row->no_main = row->no_main && facts.revision != "main";
        if (done) {
            done = store_state(txn, told, facts.canonical, *row, known->has_value(), changes);
        }
        if (done && facts.commit) {
            done = store_revision(txn, told, row->number);
        }
    }
    if (!done) {
        return std::unexpected(std::move(done.error()));
    }
    return changes;
}

Status store_refs(WriteTxn& txn, const RepoKey& asked, std::span<const hub::Ref> refs, Instant now,
                  How how) {
    auto found = find_repo(txn, asked);
    if (!found || !*found) {
        return found ? Status{} : std::unexpected(std::move(found.error()));
    }
    const std::uint32_t repo = (*found)->row.number;
    auto old = list_refs(txn, repo, SIZE_MAX);
    if (!old) {
        return std::unexpected(std::move(old.error()));
    }
    std::set<std::string_view> names;
    for (const hub::Ref& ref : refs) {
        names.insert(ref.name);
    }
    for (const auto& [name, row] : *old) {
        if (row.listed && !names.contains(name)) {
            if (auto erased = txn.erase(Table::refs, ref_key(repo, name)); !erased) {
                return std::unexpected(std::move(erased.error()));
            }
        }
    }
    for (const hub::Ref& ref : refs) {
        // Pull requests are listed only where they are asked for: their absence says nothing.
        const bool listed = ref.kind != hub::Ref::Kind::pull_request;
        RefRow row{ref.commit, how, listed, now, std::nullopt};
        const auto same = std::ranges::find_if(*old, [&](const auto& known) {
            return known.first == ref.name && known.second.commit == ref.commit;
        });
        if (same != old->end()) {
            row.date = same->second.date;
        }
        if (ref.name.size() > kRefNameMaxBytes) {
            continue;  // it could not be asked for either
        }
        if (Status put = put_ref(txn, repo, ref.name, row); !put) {
            return put;
        }
    }
    return {};
}

}  // namespace hubfs::meta
