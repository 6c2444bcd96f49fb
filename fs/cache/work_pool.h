// SPDX-License-Identifier: Apache-2.0
// A thread pool that can be stopped before its owner dies: stop() runs what is queued, joins, and
// from then on submit() refuses. Thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "fs/base/thread_pool.h"

namespace hubfs::cache {

class WorkPool {
public:
    WorkPool(std::string name, std::size_t threads, std::size_t queue_max)
        : pool_(std::make_unique<ThreadPool>(std::move(name), threads, queue_max)) {}

    // False when stopped or full; the job is then untouched.
    [[nodiscard]] bool submit(ThreadPool::Job& job) {
        const std::scoped_lock lock(mutex_);
        return pool_ != nullptr && pool_->submit(job);
    }
    // Not from a job.
    void stop() {
        std::unique_ptr<ThreadPool> pool;
        {
            const std::scoped_lock lock(mutex_);
            pool = std::move(pool_);
        }
    }

private:
    std::mutex mutex_;
    std::unique_ptr<ThreadPool> pool_;
};

}  // namespace hubfs::cache
