// SPDX-License-Identifier: Apache-2.0
// Questions to upstream that are kept as documents: one request whoever asks, conditional where a
// version is here; the answer is stored with everything it says about its repository in one
// transaction before anybody hears of it. Decides nothing about lifetimes of what is asked for.
// Thread-safe; callbacks come from the pool (errors that need no network come inline).
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "fs/base/guarded.h"
#include "fs/base/log_limit.h"
#include "fs/meta/database.h"
#include "fs/meta/document_store.h"
#include "fs/meta/executor.h"
#include "fs/meta/limits.h"
#include "fs/meta/repo_store.h"
#include "fs/meta/single_flight.h"
#include "fs/upstream/source.h"

namespace hubfs::meta {

using DocumentPtr = std::shared_ptr<const Document>;
// How long a caller with an old answer waits for a new one; nothing: until upstream has answered.
using Patience = std::optional<std::chrono::milliseconds>;

struct AskerStats {
    std::atomic<std::uint64_t> asked{0}, joined{0}, fetched{0}, revalidated{0}, failed{0},
        impatient{0};
};

class Asker {
public:
    struct Parts {
        const CatalogConfig& config;
        Database& database;
        upstream::Source& source;
        const Clock& clock;
        Executor& executor;
        // Told on a pool thread, after the change is stored.
        std::function<void(const StateChange&)> on_change;
    };
    explicit Asker(Parts parts) : parts_(std::move(parts)) {}

    // done may be empty: ask for the sake of what the answer says. Code::timed_out: patience ended,
    // the question goes on. looked: when the caller found in the store that it must ask; an answer
    // that came in since is taken instead. A failure of the last kFailureMemory is the answer.
    void ask(const std::string& target, Instant looked, Patience patience, Done<DocumentPtr> done);
    // Something made the state of this repository doubtful: ask for it, whatever failed lately.
    void recheck(const RepoKey& repo);
    // The same for who waits for the answer, by the question that tells the state. Where the last
    // such one ended less than kFailureMemory ago nothing is asked and the answer is nothing.
    void recheck(const std::string& target, Done<DocumentPtr> done);
    // Proxy-Status word of the last failure, empty when the last question worked.
    [[nodiscard]] std::string last_error(const RepoKey& repo) const;
    void note(const RepoKey& repo, const Error* error);
    // Answers everybody who waits; the executor has ended.
    void end();
    [[nodiscard]] const AskerStats& stats() const { return stats_; }

private:
    [[nodiscard]] DocumentPtr answered_since(const std::string& target, Instant looked) const;
    void send(const std::string& target, bool conditional);
    void received(const std::string& target, Result<upstream::ApiResponse> response);
    void confirmed(const std::string& target, const std::optional<Target>& about);
    void answered(const std::string& target, const std::optional<Target>& about,
                  const upstream::ApiResponse& response);
    void failed(const std::string& target, const std::optional<Target>& about, Error error);
    // The same for an answer that came and is none: fs/upstream saw nothing wrong, so it is logged.
    void misunderstood(const std::string& target, const std::optional<Target>& about, Error error);
    struct Stored {
        Document document;
        std::vector<StateChange> changes;
    };
    void stored(const std::string& target, const std::optional<Target>& about, Stored result);
    [[nodiscard]] bool known_open(const RepoKey& repo) const;
    [[nodiscard]] std::optional<Error> failed_lately(const std::string& target) const;

    struct Failure {
        Steady until;
        Error error;
    };
    Parts parts_;
    AskerStats stats_;
    std::atomic<bool> ended_{false};
    SingleFlight<DocumentPtr> flights_{kFlightsMax, kWaitersMax};
    Guarded<std::map<std::string, Failure>> failures_;     // by target, bounded by kFailuresMax
    Guarded<std::map<std::string, Steady>> rechecked_;     // when one ended, bounded likewise
    Guarded<std::map<RepoKey, std::string>> last_errors_;  // bounded by kLastErrorsMax
    LogLimit log_limit_;
};

}  // namespace hubfs::meta
