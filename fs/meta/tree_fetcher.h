// SPDX-License-Identifier: Apache-2.0
// The whole tree of a commit from upstream: every page of the recursive listing, then the commit's
// date, then into the store. One fetch whoever asks. Asks nothing about the repository's state:
// that is the caller's. Thread-safe; callbacks come from the pool.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "fs/base/guarded.h"
#include "fs/base/log_limit.h"
#include "fs/meta/catalog.h"
#include "fs/meta/database.h"
#include "fs/meta/executor.h"
#include "fs/meta/facts.h"
#include "fs/meta/limits.h"
#include "fs/meta/single_flight.h"
#include "fs/meta/tree_builder.h"
#include "fs/upstream/source.h"

namespace hubfs::meta {

class TreeFetcher {
public:
    struct Parts {
        const CatalogConfig& config;
        Database& database;
        upstream::Source& source;
        const Clock& clock;
        Executor& executor;
        // The tree says something that does not go with a public repository: ask for its state.
        std::function<void(const RepoKey&)> doubt;
        // The tree was refused without a reason: what the repository's state makes of that.
        std::function<void(const RepoKey&, std::move_only_function<void(Error)>)> explain;
        std::function<void(const RepoKey&, const Error*)> note;  // nothing: it worked
    };
    explicit TreeFetcher(Parts parts) : parts_(std::move(parts)) {}

    // `repo` is canonical and public, `number` its number in the store.
    void fetch(const RepoKey& repo, std::uint32_t number, const CommitId& id,
               Done<CommitView> done);
    // Why it is not to be fetched now: absent, as upstream said less than `absent` ago, or failed
    // less than kFailureMemory ago.
    [[nodiscard]] std::optional<Error> refused(const RepoKey& repo, const CommitId& id) const;
    void end();
    [[nodiscard]] std::uint64_t pages() const { return pages_; }
    [[nodiscard]] std::uint64_t trees() const { return trees_; }

private:
    struct Job;
    using JobPtr = std::shared_ptr<Job>;
    // Asks, and hands the answer to `then` on a pool thread.
    void ask(JobPtr job, const std::string& target, bool with_token,
             void (TreeFetcher::*then)(const JobPtr&, Result<upstream::ApiResponse>));
    void page(const JobPtr& job, Result<upstream::ApiResponse> response);
    Result<std::optional<std::string>> next_of(const Job& job,
                                               const upstream::ApiResponse& response) const;
    void find_date(const JobPtr& job);
    void commits_page(const JobPtr& job, Result<upstream::ApiResponse> response);
    void revision(const JobPtr& job, Result<upstream::ApiResponse> response);
    void store(const JobPtr& job, Instant date);
    void give_up(const JobPtr& job, Error error);
    // An answer that is not a 200.
    void not_given(const JobPtr& job, const AnswerView& answer);
    // The same for an answer that came and is none: fs/upstream saw nothing wrong, so it is logged.
    void misunderstood(const JobPtr& job, const Error& error);

    Parts parts_;
    std::atomic<bool> ended_{false};
    SingleFlight<CommitView> flights_{kFlightsMax, kWaitersMax};
    struct Refusal {
        Steady until;
        Error error;
    };
    Guarded<std::map<std::string, Refusal>> refusals_;  // by job key; kRefusedCommitsMax at most
    LogLimit log_limit_;
    std::atomic<std::uint64_t> pages_{0};
    std::atomic<std::uint64_t> trees_{0};
};

}  // namespace hubfs::meta
