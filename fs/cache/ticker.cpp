// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/ticker.h"

#include <pthread.h>

#include <utility>

namespace hubfs::cache {

Ticker::Ticker(std::string name, std::chrono::milliseconds interval, std::function<bool()> work)
    : name_(std::move(name)), interval_(interval), work_(std::move(work)) {
    thread_ = std::thread([this] { run(); });
}

void Ticker::poke() {
    const std::scoped_lock lock(mutex_);
    if (!std::exchange(poked_, true)) {
        wake_.notify_all();
    }
}

void Ticker::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
        wake_.notify_all();
    }
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Ticker::run() {
    pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || poked_; });
        // What is poked meanwhile belongs to the same group.
        if (wake_.wait_for(lock, interval_, [this] { return stopping_; })) {
            return;
        }
        poked_ = false;
        lock.unlock();
        const bool again = work_();
        lock.lock();
        poked_ = poked_ || again;
    }
}

}  // namespace hubfs::cache
