// SPDX-License-Identifier: Apache-2.0
#include "httpd/mount/io_pool.h"

#include <pthread.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace httpd::mount {

IoPool::IoPool(const Limits& limits) : limits_(limits) {
    for (std::size_t i = 0; i < limits.quick_threads; ++i) {
        quick_.threads.emplace_back([this] { run(quick_, "quick", SIZE_MAX); });
    }
    for (std::size_t i = 0; i < limits.cold_threads; ++i) {
        cold_.threads.emplace_back([this] { run(cold_, "cold", limits_.cold_per_repo); });
    }
}

IoPool::~IoPool() {
    for (Lane* lane : {&quick_, &cold_}) {
        {
            const std::scoped_lock lock(lane->mutex);
            lane->stopping = true;
        }
        lane->wake.notify_all();
        for (std::thread& thread : lane->threads) {
            if (thread.joinable()) {
                thread.join();
            }
        }
    }
}

bool IoPool::quick(Job& job) {
    return submit(quick_, limits_.quick_queue, {}, job);
}

bool IoPool::cold(const std::string& repo, Job& job) {
    return submit(cold_, limits_.cold_queue, repo, job);
}

void IoPool::quick_step(Job job) {
    (void)submit(quick_, SIZE_MAX, {}, job);
}

void IoPool::cold_step(const std::string& repo, Job job) {
    (void)submit(cold_, SIZE_MAX, repo, job);
}

void IoPool::abandon() {
    for (Lane* lane : {&quick_, &cold_}) {
        std::deque<Task> dropped;  // its jobs answer as they die, outside the lock
        {
            const std::scoped_lock lock(lane->mutex);
            lane->stopping = true;
            dropped.swap(lane->queue);
        }
        lane->wake.notify_all();
    }
}

bool IoPool::submit(Lane& lane, std::size_t queue_max, const std::string& repo, Job& job) {
    {
        const std::scoped_lock lock(lane.mutex);
        if (lane.stopping || lane.queue.size() >= queue_max) {
            return false;
        }
        lane.queue.push_back(Task{repo, std::move(job)});
    }
    lane.wake.notify_one();
    return true;
}

// The oldest task whose repository is below its share; the end when there is none.
std::deque<IoPool::Task>::iterator IoPool::next_task(Lane& lane, std::size_t per_repo) {
    if (per_repo == SIZE_MAX) {
        return lane.queue.begin();
    }
    return std::ranges::find_if(lane.queue, [&](const Task& task) {
        const auto found = lane.running.find(task.repo);
        return found == lane.running.end() || found->second < per_repo;
    });
}

void IoPool::run(Lane& lane, const char* name, std::size_t per_repo) {
    pthread_setname_np(pthread_self(), name);
    const bool counted = per_repo != SIZE_MAX;
    std::unique_lock lock(lane.mutex);
    while (true) {
        auto next = next_task(lane, per_repo);
        if (next == lane.queue.end()) {
            if (lane.stopping && lane.queue.empty()) {
                return;
            }
            lane.wake.wait(lock);
            continue;
        }
        Task task = std::move(*next);
        lane.queue.erase(next);
        if (counted) {
            ++lane.running[task.repo];
        }
        lock.unlock();
        task.job();
        task.job = nullptr;
        lock.lock();
        if (counted) {
            const auto mine = lane.running.find(task.repo);
            if (--mine->second == 0) {
                lane.running.erase(mine);
            }
            // Work of this repository may have been passed over while it was at its share.
            if (lane.stopping) {
                lane.wake.notify_all();
            } else {
                lane.wake.notify_one();
            }
        }
    }
}

}  // namespace httpd::mount
