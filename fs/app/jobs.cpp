// SPDX-License-Identifier: Apache-2.0
#include "fs/app/jobs.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "fs/app/limits.h"
#include "fs/base/log.h"

namespace hubfs::app {

std::string_view name_of(JobState state) {
    switch (state) {
        case JobState::running: return "running";
        case JobState::done: return "done";
        case JobState::failed: return "failed";
        case JobState::cancelled: return "cancelled";
    }
    return "failed";
}

void JobRun::expect(std::uint64_t files, std::uint64_t bytes) {
    const std::scoped_lock lock(mutex_);
    view_.files_total = files;
    view_.bytes_total = bytes;
}

void JobRun::advance(std::uint64_t files, std::uint64_t bytes) {
    const std::scoped_lock lock(mutex_);
    view_.files += files;
    view_.bytes += bytes;
}

void JobRun::damaged(const std::string& path) {
    log::warn("job_file_damaged", {{"path", path}});
    const std::scoped_lock lock(mutex_);
    ++view_.files_damaged;
    if (view_.damaged.size() < kDamagedNamed) {
        view_.damaged.push_back(path);
    }
}

void JobRun::repaired(const std::string& path) {
    log::info("job_file_repaired", {{"path", path}});
    const std::scoped_lock lock(mutex_);
    ++view_.files_repaired;
}

void JobRun::failed_file(const std::string& path, const Error& error) {
    log::warn("job_file_failed", {{"path", path}, {"error", error.message}});
    const std::scoped_lock lock(mutex_);
    ++view_.files_failed;
    if (view_.error.empty()) {
        view_.error = path + ": " + error.message;
    }
}

JobView JobRun::view() const {
    const std::scoped_lock lock(mutex_);
    return view_;
}

void JobRun::end(const Status& status, Instant now) {
    const std::scoped_lock lock(mutex_);
    view_.ended = now;
    if (!status && view_.error.empty()) {
        view_.error = status.error().message;
    }
    view_.state = cancelled_                          ? JobState::cancelled
                  : status && view_.files_failed == 0 ? JobState::done
                                                      : JobState::failed;
}

Result<std::uint64_t> Jobs::start(std::string kind, std::string what, Work work) {
    const std::scoped_lock lock(mutex_);
    if (closed_) {
        return fail(Code::cancelled, "the daemon is ending");
    }
    const auto running = std::ranges::count_if(
        jobs_, [](const Job& job) { return job.run->view().state == JobState::running; });
    if (static_cast<std::size_t>(running) >= kJobsMax) {
        return fail(Code::rate_limited, std::to_string(kJobsMax) + " jobs are running already");
    }
    forget_old();
    log::info("job_started", {{"id", last_ + 1}, {"kind", kind}, {"what", what}});
    auto run = std::make_shared<JobRun>(JobView{
        .id = ++last_, .kind = std::move(kind), .what = std::move(what), .started = clock_.now()});
    std::thread thread([this, run, work = std::move(work)] {
        pthread_setname_np(pthread_self(), "job");
        Status status;
        try {
            status = work(*run);
        } catch (const std::exception& error) {
            status = fail(Code::io, error.what());
        }
        run->end(status, clock_.now());
        const JobView view = run->view();
        log::info("job_ended", {{"id", view.id},
                                {"state", name_of(view.state)},
                                {"files", view.files},
                                {"failed", view.files_failed},
                                {"bytes", view.bytes},
                                {"error", view.error}});
    });
    jobs_.push_back({std::move(run), std::move(thread)});
    return last_;
}

// With the mutex held. A job whose view has ended does nothing more but write its line to the log.
void Jobs::forget_old() {
    std::size_t ended = 0;
    for (auto job = jobs_.end(); job != jobs_.begin();) {
        --job;
        if (job->run->view().state != JobState::running && ++ended >= kJobsKept) {
            job->thread.join();
            job = jobs_.erase(job);
        }
    }
}

bool Jobs::cancel(std::uint64_t id) {
    const std::scoped_lock lock(mutex_);
    for (const Job& job : jobs_) {
        if (const JobView view = job.run->view(); view.id == id) {
            job.run->cancel();
            return view.state == JobState::running;
        }
    }
    return false;
}

std::optional<JobView> Jobs::find(std::uint64_t id) const {
    for (JobView& view : all()) {
        if (view.id == id) {
            return std::move(view);
        }
    }
    return std::nullopt;
}

std::vector<JobView> Jobs::all() const {
    const std::scoped_lock lock(mutex_);
    std::vector<JobView> views;
    views.reserve(jobs_.size());
    for (const Job& job : jobs_) {
        views.push_back(job.run->view());
    }
    return views;
}

std::size_t Jobs::running() const {
    const std::vector<JobView> views = all();
    return static_cast<std::size_t>(std::ranges::count(views, JobState::running, &JobView::state));
}

void Jobs::stop() {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    for (const Job& job : jobs_) {
        job.run->cancel();
    }
}

void Jobs::close() {
    stop();
    std::list<Job> jobs;
    {
        const std::scoped_lock lock(mutex_);
        jobs.swap(jobs_);
    }
    for (Job& job : jobs) {
        job.thread.join();
    }
}

}  // namespace hubfs::app
