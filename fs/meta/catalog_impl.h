// SPDX-License-Identifier: Apache-2.0
// The Catalog: looks into the store, judges, asks. Its parts do the work: Asker (documents and all
// that follows from them), TreeFetcher (commits), Interner (path numbers). One .cpp per subject:
// catalog.cpp (opening, plain look-ups), catalog_repos.cpp, catalog_documents.cpp,
// catalog_commits.cpp. Nobody else includes this.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "fs/base/guarded.h"
#include "fs/meta/asker.h"
#include "fs/meta/catalog.h"
#include "fs/meta/database.h"
#include "fs/meta/document_memory.h"
#include "fs/meta/executor.h"
#include "fs/meta/freshness.h"
#include "fs/meta/interner.h"
#include "fs/meta/location_store.h"
#include "fs/meta/tree_fetcher.h"

namespace hubfs::meta {

class CatalogImpl final : public Catalog {
public:
    CatalogImpl(CatalogConfig config, Database& database, upstream::Source& source,
                ThreadPool& pool, const Clock& clock, CatalogEvents events);
    ~CatalogImpl() override;
    CatalogImpl(const CatalogImpl&) = delete;
    CatalogImpl& operator=(const CatalogImpl&) = delete;
    Status start();

    void repo(RepoKey key, Done<RepoView> done) override;
    void guess_repo(RepoKey key, Done<RepoView> done) override;
    [[nodiscard]] std::optional<RepoView> known_repo(const RepoKey& key) const override;
    void ref(RepoKey key, std::string name, Done<RefView> done) override;
    void renewed_ref(RepoKey key, std::string name, Done<RefView> done) override;
    [[nodiscard]] std::vector<RefView> known_refs(const RepoKey& key,
                                                  std::size_t max) const override;
    void refs(RepoKey key, Done<RefsView> done) override;
    void note_failure(const RepoKey& key, const Error& error) override;
    void explain_failure(const RepoKey& key, Error error,
                         std::move_only_function<void(Error)> done) override;
    void commit(RepoKey key, CommitId id, Done<CommitView> done) override;
    void document(std::string target, Done<DocumentPtr> done) override;
    void renewed_document(std::string target, Done<DocumentPtr> done) override;
    [[nodiscard]] Result<CommitView> commit_by_number(std::uint32_t number) const override;
    [[nodiscard]] Result<std::optional<EntryView>> entry(std::uint32_t commit,
                                                         std::uint32_t number) const override;
    [[nodiscard]] Result<std::optional<EntryView>> child(std::uint32_t commit, std::uint32_t parent,
                                                         std::string_view name) const override;
    [[nodiscard]] Result<std::vector<EntryView>> children(std::uint32_t commit,
                                                          std::uint32_t parent) const override;
    [[nodiscard]] Result<std::vector<LocatedEntry>> locations(
        const ContentHash& hash) const override;
    [[nodiscard]] Result<std::string> trees_text(std::uint32_t commit) const override;
    [[nodiscard]] Result<DocumentPtr> document_by_number(std::uint32_t number,
                                                         std::uint32_t version) const override;
    [[nodiscard]] std::vector<std::string> known_namespaces(RepoType type) const override;
    [[nodiscard]] std::vector<RepoKey> known_repos(RepoType type,
                                                   std::string_view name_space) const override;
    [[nodiscard]] Result<std::uint64_t> intern(std::string_view path) override;
    [[nodiscard]] Result<std::string> interned(std::uint64_t number) const override;
    [[nodiscard]] std::uint64_t epoch() const override { return epoch_; }
    [[nodiscard]] std::string changes_text() const override;
    [[nodiscard]] std::string stats_json() const override;

private:
    // What the store says about something, and whether that may be used.
    template <class T>
    struct Look {
        Instant at{};             // when we looked
        std::optional<T> value;   // present
        std::optional<Error> no;  // or: known absent, or refused by the repository's state
        Verdict verdict = Verdict::must_ask;  // about either
    };
    struct RepoLook : Look<RepoView> {
        std::uint32_t number = 0;
        bool no_main = false;
    };

    // Reads what an older store knew before it had locations, a batch a job.
    void fill_locations();

    // Verdicts become "use it" (a fresh one, or after asking) and how a stale one is shown.
    [[nodiscard]] Freshness freshness(Instant checked, How how, Lifespan lifespan,
                                      Verdict verdict) const;
    [[nodiscard]] Patience patience(Verdict verdict) const;

    [[nodiscard]] Result<RepoLook> look_repo(const RepoKey& key) const;
    [[nodiscard]] Result<std::optional<Error>> look_absence(const ReadTxn& txn,
                                                            const std::string& target,
                                                            bool repo_only) const;
    void answer_repo(const RepoKey& key, bool guess, Done<RepoView> done);
    // guess: nobody waits for the answer longer than config_.wait.
    void ask_repo(const RepoKey& key, std::string target, RepoLook look, bool guess,
                  Done<RepoView> done);
    void asked_repo(const RepoKey& key, const std::string& target, RepoLook look, bool guess,
                    Result<DocumentPtr> answer, Done<RepoView> done);
    // Something in a public repository was refused: its state is asked for, at most once in
    // kFailureMemory. The error is the state's; Code::protocol while that is public.
    void explain_refusal(const RepoKey& key, std::move_only_function<void(Error)> done);
    // What refs() answers without upstream.
    [[nodiscard]] Result<RefsView> refs_from_here(const RepoKey& key) const;

    [[nodiscard]] Result<Look<RefView>> look_ref(const RepoKey& key, const std::string& name) const;
    void answer_ref(RepoKey key, std::string name, bool renew, Done<RefView> done);
    Status look_ref_row(const ReadTxn& txn, const FoundRepo& repo, Look<RefView>& look) const;
    void asked_ref(const RepoKey& key, const std::string& name, Look<RefView> look,
                   Result<DocumentPtr> answer, Done<RefView> done) const;

    [[nodiscard]] Result<Look<DocumentPtr>> look_document(const std::string& target) const;
    void info_document(const std::string& target, const RepoKey& repo, Done<DocumentPtr> done);
    void repo_document(const std::string& target, const RepoKey& repo, Done<DocumentPtr> done);
    // What it is about is public. until: it must not live longer than the repository's state.
    void plain_document(const std::string& target, Instant until, Done<DocumentPtr> done);
    // The state could not be confirmed: what is here is given at once, as stale.
    [[nodiscard]] DocumentPtr stale_document(const std::string& target);
    // A version that is in the store, with the freshness of now.
    [[nodiscard]] Result<DocumentPtr> load(const ReadTxn& txn, std::uint32_t number,
                                           std::uint32_t version, const DocumentRow& row) const;
    void used(std::uint32_t number, Instant last_use) const;
    [[nodiscard]] bool may_add_document();

    const CatalogConfig config_;
    Database& database_;
    const Clock& clock_;
    const CatalogEvents events_;
    std::atomic<std::uint64_t> epoch_{0};
    mutable std::atomic<std::uint64_t> hits_{0}, stale_{0}, refused_documents_{0};
    struct NewDocuments {
        Steady minute{};  // when it began
        std::uint32_t count = 0;
    };
    Guarded<NewDocuments> new_documents_;
    mutable DocumentMemory memory_{kDocumentMemoryBytes};
    Interner interner_;
    LocationFiller filler_;  // used by one job at a time
    Executor executor_;
    Asker asker_;
    TreeFetcher trees_;
};

}  // namespace hubfs::meta
