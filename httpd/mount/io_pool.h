// SPDX-License-Identifier: Apache-2.0
// The only threads that touch the mount. Two pools that never wait for each other: `quick` for
// known names, verified files and held ranges; `cold` for all that may wait for upstream, with at
// most so many threads per repository, so that one cold repository cannot stop the others.
//
// Thread-safe. New work is refused when a queue is full (the caller answers 503); the next step of
// an answer already begun is always taken, because those are bounded by the connections. Jobs must
// not throw. Destruction runs what is queued, then joins.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace httpd::mount {

class IoPool {
public:
    using Job = std::move_only_function<void()>;

    struct Limits {
        std::size_t quick_threads = 8;
        std::size_t quick_queue = 8192;  // jobs waiting
        std::size_t cold_threads = 64;
        std::size_t cold_queue = 1024;   // jobs waiting
        std::size_t cold_per_repo = 24;  // threads at work for one repository
    };

    explicit IoPool(const Limits& limits);
    ~IoPool();
    IoPool(const IoPool&) = delete;
    IoPool& operator=(const IoPool&) = delete;

    // False when the queue is full; the job is then untouched.
    [[nodiscard]] bool quick(Job& job);
    [[nodiscard]] bool cold(const std::string& repo, Job& job);
    // The next step of work that was admitted.
    void quick_step(Job job);
    void cold_step(const std::string& repo, Job job);

    // Runs nothing that is queued any more and does not wait for what is running: for a stop that
    // must not hang on a mount that does. What was queued is dropped, which answers it (Once).
    void abandon();

private:
    struct Task {
        std::string repo;
        Job job;
    };
    struct Lane {
        std::mutex mutex;  // guards what follows
        std::condition_variable wake;
        std::deque<Task> queue;
        std::map<std::string, std::size_t> running;  // by repository; only used by cold
        bool stopping = false;
        std::vector<std::thread> threads;
    };

    bool submit(Lane& lane, std::size_t queue_max, const std::string& repo, Job& job);
    void run(Lane& lane, const char* name, std::size_t per_repo);
    static std::deque<Task>::iterator next_task(Lane& lane, std::size_t per_repo);

    const Limits limits_;
    Lane quick_;
    Lane cold_;
};

}  // namespace httpd::mount
