// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/executor.h"

#include <utility>

#include "fs/meta/limits.h"

namespace hubfs::meta {

void Executor::run(ThreadPool::Job job) {
    submit([life = lifetime_, job = std::move(job)]() mutable {
        if (const auto inside = life->enter()) {
            job();
        }
    });
}

void Executor::after(std::chrono::nanoseconds wait, ThreadPool::Job job) {
    timers_.after(wait, [this, job = std::move(job)]() mutable { run(std::move(job)); });
}

void Executor::submit(ThreadPool::Job wrapped) {
    if (pool_.submit(wrapped)) {
        return;
    }
    timers_.after(kPoolRetry,
                  [this, job = std::move(wrapped)]() mutable { submit(std::move(job)); });
}

void Executor::end() {
    timers_.stop();
    lifetime_->end();
}

}  // namespace hubfs::meta
