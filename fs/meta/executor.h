// SPDX-License-Identifier: Apache-2.0
// Where the catalogue's work goes after an answer of upstream or the end of a wait: onto the
// shared pool, and nowhere any more once the catalogue is ending. Thread-safe.
#pragma once

#include <chrono>
#include <memory>

#include "fs/base/thread_pool.h"
#include "fs/meta/lifetime.h"
#include "fs/meta/timers.h"

namespace hubfs::meta {

class Executor {
public:
    explicit Executor(ThreadPool& pool) : pool_(pool) {}
    ~Executor() { end(); }
    Executor(const Executor&) = delete;
    Executor& operator=(const Executor&) = delete;

    // Runs the job on a pool thread; while the pool's queue is full it is tried again later, since
    // somebody waits for it and the caller (a transfer thread) must not.
    void run(ThreadPool::Job job);
    // Like run(), after a while.
    void after(std::chrono::nanoseconds wait, ThreadPool::Job job);
    // For callbacks that may come after the end: enter() first.
    [[nodiscard]] const std::shared_ptr<Lifetime>& lifetime() const { return lifetime_; }
    // Waits for running jobs; later ones are dropped unseen.
    void end();

private:
    void submit(ThreadPool::Job wrapped);

    ThreadPool& pool_;
    std::shared_ptr<Lifetime> lifetime_ = std::make_shared<Lifetime>();
    Timers timers_;
};

}  // namespace hubfs::meta
