// SPDX-License-Identifier: Apache-2.0
// Long work inside the daemon: each job has a thread of its own, a number, and a progress that
// anybody may look at while it runs and some time after. A job outlives the command that started
// it, not the daemon. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/result.h"

namespace hubfs::app {

enum class JobState : std::uint8_t { running, done, failed, cancelled };
[[nodiscard]] std::string_view name_of(JobState state);

// A job as it was at one moment.
struct JobView {
    std::uint64_t id = 0;
    std::string kind;  // "prefetch"
    std::string what;  // for people: "models/acme/tiny@main"
    JobState state = JobState::running;
    Instant started{};
    std::optional<Instant> ended{};
    std::uint64_t files = 0, files_total = 0, files_failed = 0;
    std::uint64_t bytes = 0, bytes_total = 0;
    std::uint64_t files_damaged = 0, files_repaired = 0;  // by verify
    std::vector<std::string> damaged{};                   // the first kDamagedNamed of them
    std::string error{};                                  // the first one
};

// What the work of one job tells, from any of its threads.
class JobRun {
public:
    explicit JobRun(JobView view) : view_(std::move(view)) {}

    void expect(std::uint64_t files, std::uint64_t bytes);
    void advance(std::uint64_t files, std::uint64_t bytes);
    void damaged(const std::string& path);
    void repaired(const std::string& path);
    void failed_file(const std::string& path, const Error& error);
    [[nodiscard]] bool cancelled() const { return cancelled_; }
    void cancel() { cancelled_ = true; }

    [[nodiscard]] JobView view() const;
    void end(const Status& status, Instant now);

private:
    mutable std::mutex mutex_;  // guards view_
    JobView view_;
    std::atomic<bool> cancelled_ = false;
};

class Jobs {
public:
    // Success even where single files failed: those are in the view, and make the job failed.
    using Work = std::function<Status(JobRun&)>;

    explicit Jobs(const Clock& clock) : clock_(clock) {}
    ~Jobs() { close(); }
    Jobs(const Jobs&) = delete;
    Jobs& operator=(const Jobs&) = delete;

    // rate_limited: kJobsMax are running; cancelled: the daemon ends.
    Result<std::uint64_t> start(std::string kind, std::string what, Work work);
    // False: no such job, or it has ended. It ends at its next step.
    bool cancel(std::uint64_t id);
    [[nodiscard]] std::optional<JobView> find(std::uint64_t id) const;
    // Oldest first: those that run, and the newest kJobsKept that have ended.
    [[nodiscard]] std::vector<JobView> all() const;
    [[nodiscard]] std::size_t running() const;
    // Nothing starts any more, and all that runs is cancelled; close() waits for it as well.
    void stop();
    void close();

private:
    struct Job {
        std::shared_ptr<JobRun> run;
        std::thread thread;
    };
    void forget_old();

    const Clock& clock_;
    mutable std::mutex mutex_;  // guards what follows
    std::list<Job> jobs_;
    std::uint64_t last_ = 0;
    bool closed_ = false;
};

}  // namespace hubfs::app
