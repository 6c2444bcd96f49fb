// SPDX-License-Identifier: Apache-2.0
#include "fs/app/follower.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <set>
#include <utility>

#include "fs/app/limits.h"
#include "fs/app/prefetch.h"
#include "fs/base/log.h"
#include "fs/meta/facts.h"
#include "fs/meta/limits.h"

namespace hubfs::app {

namespace {

std::string key_of(const meta::Follow& follow) {
    return meta::revision_key(follow.repo, follow.revision);
}

FilesRequest request_of(const meta::Follow& follow) {
    return {follow.repo, follow.revision, follow.row.include, follow.row.exclude};
}

}  // namespace

Result<std::uint64_t> Follower::add(const FilesRequest& request) {
    if (CommitId::from_hex(request.revision)) {
        return fail(Code::invalid, "a commit never changes: prefetch --pin keeps it");
    }
    meta::FollowTable table(parts_.database);
    const auto all = table.all();
    if (!all) {
        return std::unexpected(all.error());
    }
    const auto old = std::ranges::find_if(*all, [&](const meta::Follow& follow) {
        return follow.repo == request.repo && follow.revision == request.revision;
    });
    if (old != all->end() && old->row.include == request.include &&
        old->row.exclude == request.exclude) {
        return start_job(*old);
    }
    if (old == all->end() && all->size() >= kFollowsMax) {
        return fail(Code::invalid, std::to_string(kFollowsMax) + " are followed already");
    }
    meta::Follow follow{request.repo, request.revision, {}};
    follow.row.since = parts_.clock.now();
    follow.row.include = request.include;
    follow.row.exclude = request.exclude;
    if (old != all->end()) {
        // It is what a job knows its row by.
        follow.row.since = std::max(follow.row.since, old->row.since + Duration(1));
    }
    if (Status put = table.put(follow); !put) {
        return std::unexpected(std::move(put.error()));
    }
    forget(follow.repo, follow.revision);
    return start_job(follow);
}

Result<bool> Follower::remove(const RepoKey& repo, const std::string& revision) {
    auto gone = meta::FollowTable(parts_.database).erase(repo, revision);
    if (gone) {
        forget(repo, revision);
    }
    return gone;
}

// Its job knows by the row that nobody waits for it, if it hears the cancellation too late.
void Follower::forget(const RepoKey& repo, const std::string& revision) {
    const std::scoped_lock lock(mutex_);
    const auto note = notes_.find(meta::revision_key(repo, revision));
    if (note == notes_.end()) {
        return;
    }
    if (note->second.running) {
        parts_.jobs.cancel(note->second.job);
    }
    notes_.erase(note);
}

Result<std::vector<FollowView>> Follower::all() const {
    auto follows = meta::FollowTable(parts_.database).all();
    if (!follows) {
        return std::unexpected(std::move(follows.error()));
    }
    std::vector<FollowView> views;
    const std::scoped_lock lock(mutex_);
    for (meta::Follow& follow : *follows) {
        const auto found = notes_.find(key_of(follow));
        const Note note = found != notes_.end() ? found->second : Note{};
        views.push_back({std::move(follow), note.asked, note.job, note.running, note.error});
    }
    return views;
}

// Blocks, at most as long as upstream may take.
Result<Follower::Newest> Follower::newest(const RepoKey& key, const std::string& revision) const {
    const Instant began = parts_.clock.now();
    const auto repo = answer_of<meta::RepoView>(
        [&](Done<meta::RepoView> done) { parts_.catalog.repo(key, std::move(done)); });
    if (!repo) {
        return std::unexpected(repo.error());
    }
    if (repo->state != hub::RepoState::open) {
        return std::unexpected(meta::state_error(repo->state));
    }
    const auto ref = answer_of<meta::RefView>([&](Done<meta::RefView> done) {
        parts_.catalog.renewed_ref(repo->key, revision, std::move(done));
    });
    if (!ref) {
        return std::unexpected(ref.error());
    }
    return Newest{repo->key, ref->commit, ref->fresh.checked >= began - meta::kRenewedAge};
}

// Writes down how a question ended: one whose answer did not come in time is asked once more soon.
void Follower::heard(const meta::Follow& follow, const Result<Newest>& found) {
    const Steady now = parts_.clock.steady();
    const std::scoped_lock lock(mutex_);
    const auto at = notes_.find(key_of(follow));
    if (at == notes_.end()) {
        return;  // not followed any more
    }
    Note& note = at->second;
    const bool again = std::exchange(note.again, false);
    note.due = now + parts_.every;
    if (!found) {
        note.error = found.error().message;
    } else if (found->asked) {
        note.asked = parts_.clock.now();
        note.error.clear();
    } else {
        note.error = "upstream did not answer in time";
        note.again = !again;
        note.due = again ? note.due : std::min(note.due, now + kFollowAgain);
    }
}

void Follower::look(const meta::Follow& follow) {
    const auto found = newest(follow.repo, follow.revision);
    heard(follow, found);
    if (!found) {
        return;
    }
    const auto here = follow.row.complete == 0
                          ? Result<meta::CommitView>(fail(Code::not_found, "none yet"))
                          : parts_.catalog.commit_by_number(follow.row.complete);
    if (!here || here->id != found->commit) {
        if (const auto job = start_job(follow); !job) {
            log::warn("follow_not_started", {{"error", job.error().message}});
        }
    } else if (follow.row.coming != 0) {
        // The branch was moved back before the other commit was complete.
        const auto changed =
            meta::FollowTable(parts_.database).change(follow, [](meta::FollowRow& row) {
                row.coming = 0;
            });
        if (!changed) {
            log::error("follow_not_written", {{"error", changed.error().message}});
        }
    }
}

Result<std::uint64_t> Follower::start_job(const meta::Follow& follow) {
    const std::scoped_lock lock(mutex_);
    if (stopping_) {
        return fail(Code::cancelled, "the daemon is ending");
    }
    Note& note = notes_[key_of(follow)];
    if (note.running) {
        return note.job;
    }
    auto job =
        parts_.jobs.start("follow", name_of(request_of(follow)), [this, follow](JobRun& run) {
            Status fetched;
            try {
                fetched = fetch(follow, run);
            } catch (const std::exception& error) {
                fetched = fail(Code::io, error.what());
            }
            ended(follow, fetched, run);
            return fetched;
        });
    if (job) {
        note.job = *job;
        note.running = true;
        ++running_;
    } else {
        note.error = job.error().message;
        note.due = parts_.clock.steady() + kFollowAgain;
    }
    return job;
}

// On the job's thread.
Status Follower::fetch(const meta::Follow& follow, JobRun& run) {
    const auto found = newest(follow.repo, follow.revision);
    heard(follow, found);
    if (!found) {
        return std::unexpected(found.error());
    }
    meta::FollowTable table(parts_.database);
    std::uint32_t number = 0;
    const auto changed = [&](const std::function<void(meta::FollowRow&)>& edit) -> Status {
        const auto there = table.change(follow, edit);
        if (!there) {
            return std::unexpected(there.error());
        }
        return *there ? Status() : fail(Code::cancelled, "it is not followed any more");
    };
    const FilesRequest request{found->repo, found->commit.hex(), follow.row.include,
                               follow.row.exclude};
    const auto held = [&](const ChosenFiles& files) {
        number = files.number;
        return changed(
            [&](meta::FollowRow& row) { row.coming = number == row.complete ? 0 : number; });
    };
    if (Status done = prefetch(parts_.catalog, parts_.cache, request, held, run); !done) {
        return done;
    }
    if (run.cancelled() || run.view().files_failed > 0) {
        return {};
    }
    return changed([&](meta::FollowRow& row) {
        row.complete = number;
        row.coming = 0;
        row.completed = parts_.clock.now();
    });
}

void Follower::ended(const meta::Follow& follow, const Status& fetched, const JobRun& run) {
    const JobView view = run.view();
    const std::scoped_lock lock(mutex_);
    --running_;
    woken_ = true;
    wake_.notify_all();
    const auto note = notes_.find(key_of(follow));
    if (note == notes_.end() || note->second.job != view.id) {
        return;  // not followed any more, or anew
    }
    note->second.running = false;
    if (run.cancelled()) {
        note->second.error = "cancelled";
    } else if (!fetched || view.files_failed > 0) {
        note->second.error = fetched ? view.error : fetched.error().message;
    } else {
        return;  // what is due was set when upstream was asked
    }
    note->second.due = parts_.clock.steady() + parts_.every;
}

Duration Follower::turn() {
    const auto follows = meta::FollowTable(parts_.database).all();
    if (!follows) {
        log::error("follows_lost", {{"error", follows.error().message}});
        return kFollowAgain;
    }
    for (const meta::Follow& follow : *follows) {
        {
            const std::scoped_lock lock(mutex_);
            if (stopping_ || running_ >= kFollowJobs) {
                break;
            }
            const Note& note = notes_[key_of(follow)];
            if (note.running || note.due > parts_.clock.steady()) {
                continue;
            }
        }
        look(follow);
    }
    return until_due(*follows);
}

// Forgets also what was known of those that are gone.
Duration Follower::until_due(const std::vector<meta::Follow>& follows) {
    std::set<std::string> keys;
    for (const meta::Follow& follow : follows) {
        keys.insert(key_of(follow));
    }
    const Steady now = parts_.clock.steady();
    Steady due = now + parts_.every;
    const std::scoped_lock lock(mutex_);
    std::erase_if(notes_, [&](const auto& note) {
        return !note.second.running && !keys.contains(note.first);
    });
    if (running_ < kFollowJobs) {  // else the end of a job begins the next turn
        for (const auto& [key, note] : notes_) {
            due = note.running ? due : std::min(due, note.due);
        }
    }
    return std::chrono::duration_cast<Duration>(due - now);
}

void Follower::start() {
    if (!parts_.offline) {
        thread_ = std::thread([this] {
            pthread_setname_np(pthread_self(), "follow");
            loop();
        });
    }
}

void Follower::loop() {
    for (;;) {
        Duration wait = kFollowAgain;
        try {
            wait = std::max<Duration>(turn(), kFollowPause);
        } catch (const std::exception& error) {
            log::error("follow_turn_failed", {{"error", error.what()}});
        }
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, wait, [this] { return stopping_ || woken_; });
        woken_ = false;
        if (stopping_) {
            return;
        }
    }
}

void Follower::stop() {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
}

void Follower::close() {
    stop();
    if (thread_.joinable()) {
        thread_.join();
    }
}

}  // namespace hubfs::app
