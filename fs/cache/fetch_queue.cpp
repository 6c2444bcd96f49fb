// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/fetch_queue.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace hubfs::cache {

// An eighth of the connections is kept for reads that somebody waits for, when there are two.
FetchQueue::FetchQueue(std::size_t connections, Start start)
    : connections_(std::max<std::size_t>(connections, 1)),
      ahead_max_(connections_ == 1 ? 1 : connections_ - std::max<std::size_t>(connections_ / 8, 1)),
      start_(std::move(start)) {}

void FetchQueue::push(std::vector<FetchJob> jobs) {
    if (jobs.empty()) {
        return;
    }
    {
        const std::scoped_lock lock(mutex_);
        for (FetchJob& job : jobs) {
            const auto [place, added] = lanes_.try_emplace(job.state.get());
            Lane& lane = place->second;
            if (added) {
                lane.came = ++turn_;
            }
            (job.demand ? lane.demand : lane.ahead).push_back(std::move(job));
        }
    }
    pump();
}

void FetchQueue::promote(const ContentState& state, BlockSpan blocks) {
    const std::scoped_lock lock(mutex_);
    const auto found = lanes_.find(&state);
    if (found == lanes_.end()) {
        return;
    }
    std::deque<FetchJob>& ahead = found->second.ahead;
    for (auto job = ahead.begin(); job != ahead.end();) {
        if (job->blocks.overlaps(blocks)) {
            job->demand = true;
            found->second.demand.push_back(std::move(*job));
            job = ahead.erase(job);
        } else {
            ++job;
        }
    }
}

std::vector<FetchJob> FetchQueue::take(const ContentState& state) {
    const std::scoped_lock lock(mutex_);
    std::vector<FetchJob> jobs;
    if (const auto found = lanes_.find(&state); found != lanes_.end()) {
        for (auto* queue : {&found->second.demand, &found->second.ahead}) {
            std::ranges::move(*queue, std::back_inserter(jobs));
            queue->clear();
        }
        tidy(found);
    }
    return jobs;
}

void FetchQueue::finished(const ContentState& state) {
    {
        const std::scoped_lock lock(mutex_);
        --running_;
        if (const auto found = lanes_.find(&state); found != lanes_.end()) {
            --found->second.running;
            tidy(found);
        }
        idle_.notify_all();
    }
    pump();
}

void FetchQueue::tidy(Lanes::iterator lane) {
    const Lane& l = lane->second;
    if (l.demand.empty() && l.ahead.empty() && l.running == 0) {
        lanes_.erase(lane);
    }
}

// The next job that may start now; the lock is held.
std::optional<FetchJob> FetchQueue::next() {
    if (closed_ || running_ >= connections_) {
        return std::nullopt;
    }
    const auto pick = [&](std::deque<FetchJob> Lane::* queue) -> Lane* {
        Lane* best = nullptr;
        for (auto& [state, lane] : lanes_) {
            if (!(lane.*queue).empty() &&
                (best == nullptr || std::tie(lane.running, lane.served, lane.came) <
                                        std::tie(best->running, best->served, best->came))) {
                best = &lane;
            }
        }
        return best;
    };
    auto queue = &Lane::demand;
    Lane* lane = pick(queue);
    if (lane == nullptr && running_ < ahead_max_) {
        queue = &Lane::ahead;
        lane = pick(queue);
    }
    if (lane == nullptr) {
        return std::nullopt;
    }
    std::optional<FetchJob> job(std::in_place, std::move((lane->*queue).front()));
    (lane->*queue).pop_front();
    ++lane->running;
    lane->served = ++turn_;
    ++running_;
    return job;
}

void FetchQueue::pump() {
    std::unique_lock lock(mutex_);
    if (pumping_) {
        return;  // that thread looks again before it stops
    }
    pumping_ = true;
    while (auto job = next()) {
        lock.unlock();
        start_(std::move(*job));
        job.reset();  // may be the content's last owner: not under the lock
        lock.lock();
    }
    pumping_ = false;
    idle_.notify_all();
}

void FetchQueue::close() {
    Lanes dropped;  // contents die after the lock is gone
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    for (auto& [state, lane] : lanes_) {
        dropped[state].demand = std::exchange(lane.demand, {});
        dropped[state].ahead = std::exchange(lane.ahead, {});
    }
}

bool FetchQueue::wait_idle(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    return idle_.wait_for(lock, at_most, [this] { return running_ == 0 && !pumping_; });
}

std::size_t FetchQueue::running() const {
    const std::scoped_lock lock(mutex_);
    return running_;
}

std::size_t FetchQueue::queued() const {
    const std::scoped_lock lock(mutex_);
    std::size_t jobs = 0;
    for (const auto& [state, lane] : lanes_) {
        jobs += lane.demand.size() + lane.ahead.size();
    }
    return jobs;
}

}  // namespace hubfs::cache
