// SPDX-License-Identifier: Apache-2.0
// Opening and ending the catalogue, and the look-ups that never ask anybody.
#include "fs/meta/catalog.h"

#include <utility>

#include "fs/base/log.h"
#include "fs/meta/catalog_impl.h"
#include "fs/meta/tree_store.h"

namespace hubfs::meta {

std::string_view name_of(How how) {
    switch (how) {
        case How::fetched: return "fetched";
        case How::revalidated: return "revalidated";
        case How::stale: return "stale";
    }
    return "stale";
}

Result<std::unique_ptr<Catalog>> Catalog::open(CatalogConfig config, Database& database,
                                               upstream::Source& source, ThreadPool& pool,
                                               const Clock& clock, CatalogEvents events) {
    auto catalog =
        std::make_unique<CatalogImpl>(config, database, source, pool, clock, std::move(events));
    if (Status started = catalog->start(); !started) {
        return within("catalogue", std::move(started.error()));
    }
    return catalog;
}

CatalogImpl::CatalogImpl(CatalogConfig config, Database& database, upstream::Source& source,
                         ThreadPool& pool, const Clock& clock, CatalogEvents events)
    : config_(config),
      database_(database),
      clock_(clock),
      events_(std::move(events)),
      interner_(database),
      filler_(database),
      executor_(pool),
      asker_({config_, database, source, clock, executor_,
              [this](const StateChange& change) {
                  // The row is stored: whoever reads the new epoch finds the change.
                  const auto newest = database_.read(newest_epoch);
                  epoch_ = newest.value_or(epoch_ + 1);
                  log::info("repo_state", {{"repo", change.first.id},
                                           {"type", plural(change.first.type)},
                                           {"state", hub::name_of(change.second)}});
                  if (events_.on_state) {
                      events_.on_state(change.first, change.second);
                  }
              }}),
      trees_({config_, database, source, clock, executor_,
              [this](const RepoKey& repo) { asker_.recheck(repo); },
              [this](const RepoKey& repo, std::move_only_function<void(Error)> done) {
                  explain_refusal(repo, std::move(done));
              },
              [this](const RepoKey& repo, const Error* error) { asker_.note(repo, error); }}) {}

CatalogImpl::~CatalogImpl() {
    executor_.end();
    asker_.end();
    trees_.end();
}

Status CatalogImpl::start() {
    auto epoch = database_.read(newest_epoch);
    if (!epoch) {
        return std::unexpected(std::move(epoch.error()));
    }
    epoch_ = *epoch;
    if (Status erased = erase_unfinished(database_); !erased) {
        return erased;
    }
    executor_.run([this] { fill_locations(); });
    return {};
}

void CatalogImpl::fill_locations() {
    const auto more = filler_.step();
    if (!more) {
        log::error("locations_not_filled", {{"error", more.error().message}});
    } else if (*more) {
        executor_.run([this] { fill_locations(); });
    }
}

Freshness CatalogImpl::freshness(Instant checked, How how, Lifespan lifespan,
                                 Verdict verdict) const {
    return {checked, expires_at(checked, lifespan), verdict == Verdict::fresh ? how : How::stale};
}

Patience CatalogImpl::patience(Verdict verdict) const {
    return verdict == Verdict::usable ? Patience(config_.wait) : std::nullopt;
}

Result<CommitView> CatalogImpl::commit_by_number(std::uint32_t number) const {
    return database_.read([&](const ReadTxn& txn) { return load_commit(txn, number); });
}

Result<std::optional<EntryView>> CatalogImpl::entry(std::uint32_t commit,
                                                    std::uint32_t number) const {
    return database_.read([&](const ReadTxn& txn) { return load_entry(txn, commit, number); });
}

Result<std::optional<EntryView>> CatalogImpl::child(std::uint32_t commit, std::uint32_t parent,
                                                    std::string_view name) const {
    constexpr std::size_t kNameMaxBytes = 255;  // longer ones are in no tree, nor valid keys
    if (name.empty() || name.size() > kNameMaxBytes) {
        return std::optional<EntryView>{};
    }
    return database_.read(
        [&](const ReadTxn& txn) { return load_child(txn, commit, parent, name); });
}

Result<std::vector<EntryView>> CatalogImpl::children(std::uint32_t commit,
                                                     std::uint32_t parent) const {
    return database_.read([&](const ReadTxn& txn) { return load_children(txn, commit, parent); });
}

Result<std::vector<LocatedEntry>> CatalogImpl::locations(const ContentHash& hash) const {
    return database_.read([&](const ReadTxn& txn) { return load_locations(txn, hash); });
}

Result<std::string> CatalogImpl::trees_text(std::uint32_t commit) const {
    return database_.read([&](const ReadTxn& txn) { return load_trees_text(txn, commit); });
}

std::vector<std::string> CatalogImpl::known_namespaces(RepoType type) const {
    return database_.read([&](const ReadTxn& txn) { return list_namespaces(txn, type); })
        .value_or(std::vector<std::string>{});
}

std::vector<RepoKey> CatalogImpl::known_repos(RepoType type, std::string_view name_space) const {
    return database_.read([&](const ReadTxn& txn) { return list_repos(txn, type, name_space); })
        .value_or(std::vector<RepoKey>{});
}

Result<std::uint64_t> CatalogImpl::intern(std::string_view path) {
    return interner_.intern(path);
}

Result<std::string> CatalogImpl::interned(std::uint64_t number) const {
    return interner_.interned(number);
}

std::string CatalogImpl::changes_text() const {
    return database_.read([](const ReadTxn& txn) { return list_changes(txn, kChangesShownMax); })
        .value_or(std::string{});
}

std::string CatalogImpl::stats_json() const {
    struct Rows {
        std::uint64_t repos, refs, commits, entries, locations, documents, document_bytes;
    };
    const auto rows = database_.read([](const ReadTxn& txn) -> Result<Rows> {
        return Rows{txn.rows(Table::repos).value_or(0),     txn.rows(Table::refs).value_or(0),
                    txn.rows(Table::commits).value_or(0),   txn.rows(Table::entries).value_or(0),
                    txn.rows(Table::locations).value_or(0), txn.rows(Table::documents).value_or(0),
                    documents_bytes(txn).value_or(0)};
    });
    const Rows held = rows.value_or(Rows{});
    const DatabaseStats store = database_.stats();
    const AskerStats& asked = asker_.stats();
    std::string text = "{";
    const auto add = [&text](std::string_view key, std::uint64_t value) {
        text.append(text.size() == 1 ? "\"" : ",\"").append(key).append("\":");
        text.append(std::to_string(value));
    };
    add("repos", held.repos);
    add("refs", held.refs);
    add("commits", held.commits);
    add("entries", held.entries);
    add("locations", held.locations);
    add("documents", held.documents);
    add("document_bytes", held.document_bytes);
    add("hits", hits_);
    add("stale", stale_);
    add("asked", asked.asked);
    add("joined", asked.joined);
    add("fetched", asked.fetched);
    add("revalidated", asked.revalidated);
    add("failed", asked.failed);
    add("impatient", asked.impatient);
    add("refused_documents", refused_documents_);
    add("tree_pages", trees_.pages());
    add("trees_fetched", trees_.trees());
    add("epoch", epoch_);
    add("store_map_bytes", store.map_bytes);
    add("store_commits", store.groups);
    add("store_writes", store.writes);
    add("store_growths", store.growths);
    return text + "}";
}

}  // namespace hubfs::meta
