// SPDX-License-Identifier: Apache-2.0
// A fixed number of named threads and a bounded queue, for work that may wait. Thread-safe. Jobs
// must not throw. Destruction runs what is queued, then joins.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace hubfs {

class ThreadPool {
public:
    using Job = std::move_only_function<void()>;

    // name: at most 15 bytes, as `ps -L` shows it.
    ThreadPool(std::string name, std::size_t threads, std::size_t queue_max);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    // False when the queue is full or the pool is stopping; the job is then untouched.
    [[nodiscard]] bool submit(Job& job);
    [[nodiscard]] bool submit(Job&& job) { return submit(job); }
    [[nodiscard]] std::size_t queued() const;

private:
    void run();

    const std::string name_;
    const std::size_t queue_max_;
    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    std::deque<Job> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace hubfs
