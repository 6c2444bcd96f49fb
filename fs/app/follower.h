// SPDX-License-Identifier: Apache-2.0
// Keeps what the operator follows here: asks for each branch or tag every `every`, and where its
// commit is another than the one that is here, a job fetches that one. Of each follow the last
// complete commit is held in the cache until the next is complete (pins.h). Thread-safe.
//
// What is followed is durable (meta::FollowTable); when it was asked and what went wrong is not.
// Failures are tried again at the next turn. Nothing is asked while upstream is switched off.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "fs/app/chosen_files.h"
#include "fs/app/jobs.h"
#include "fs/cache/block_cache.h"
#include "fs/meta/database.h"
#include "fs/meta/follow_table.h"

namespace hubfs::app {

// All of these must stay until close() has returned and the jobs have ended.
struct FollowerParts {
    Jobs& jobs;
    meta::Catalog& catalog;
    cache::BlockCache& cache;
    meta::Database& database;
    const Clock& clock;
    std::chrono::milliseconds every{0};
    bool offline = false;
};

// A follow as it was at one moment.
struct FollowView {
    meta::Follow follow;
    std::optional<Instant> asked{};  // when upstream answered last, since the start of the daemon
    std::uint64_t job = 0;           // the last one since then; 0: none
    bool running = false;            // that job
    std::string error{};             // why the last turn failed
};

class Follower {
public:
    explicit Follower(FollowerParts parts) : parts_(parts) {}
    ~Follower() { close(); }
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    // Durable when it returns, also where its first job could not be started; that job's number.
    // The same again starts a job at once; other patterns begin anew. invalid: a commit, or there
    // are kFollowsMax.
    Result<std::uint64_t> add(const FilesRequest& request);
    // Whether there was one. Its job is cancelled.
    Result<bool> remove(const RepoKey& repo, const std::string& revision);
    [[nodiscard]] Result<std::vector<FollowView>> all() const;

    // Begins the turns, on a thread of their own; the first at once.
    void start();
    // No turn and no job begins any more; close() waits for the one under way as well.
    void stop();
    void close();

    // One turn: asks for what is due, one after the other, and starts jobs. Says how long until
    // something is due again. Public for tests; the thread does nothing else.
    Duration turn();

private:
    struct Note {
        Steady due{};        // of the next question
        bool again = false;  // that one only hears the late answer of the one before
        std::optional<Instant> asked{};
        std::uint64_t job = 0;
        bool running = false;
        std::string error{};
    };
    struct Newest {
        RepoKey repo;  // canonical
        CommitId commit;
        bool asked = false;  // upstream has just said so
    };

    [[nodiscard]] Result<Newest> newest(const RepoKey& repo, const std::string& revision) const;
    void heard(const meta::Follow& follow, const Result<Newest>& found);
    void look(const meta::Follow& follow);
    Result<std::uint64_t> start_job(const meta::Follow& follow);
    Status fetch(const meta::Follow& follow, JobRun& run);
    void forget(const RepoKey& repo, const std::string& revision);
    Duration until_due(const std::vector<meta::Follow>& follows);
    void ended(const meta::Follow& follow, const Status& fetched, const JobRun& run);
    void loop();

    const FollowerParts parts_;
    mutable std::mutex mutex_;  // guards what follows; nothing is called with it but Jobs
    std::condition_variable wake_;
    std::map<std::string, Note> notes_;  // by meta::revision_key
    std::size_t running_ = 0;            // jobs
    bool woken_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace hubfs::app
