// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/timers.h"

#include <pthread.h>

#include <utility>

namespace hubfs::meta {

Timers::Timers() : thread_([this] { run(); }) {}

Timers::~Timers() {
    stop();
}

void Timers::after(std::chrono::nanoseconds wait, std::move_only_function<void()> fn) {
    const auto at = std::chrono::steady_clock::now() + wait;
    {
        const std::scoped_lock lock(mutex_);
        if (stopping_) {
            return;
        }
        due_.emplace(at, std::move(fn));
    }
    wake_.notify_one();
}

void Timers::stop() {
    decltype(due_) dropped;
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
        dropped.swap(due_);  // destroyed out of the lock
    }
    wake_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Timers::run() {
    pthread_setname_np(pthread_self(), "meta-timers");
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (due_.empty()) {
            wake_.wait(lock);
            continue;
        }
        const auto at = due_.begin()->first;
        if (std::chrono::steady_clock::now() < at) {
            wake_.wait_until(lock, at);
            continue;
        }
        auto fn = std::move(due_.begin()->second);
        due_.erase(due_.begin());
        lock.unlock();
        fn();
        fn = nullptr;
        lock.lock();
    }
}

}  // namespace hubfs::meta
