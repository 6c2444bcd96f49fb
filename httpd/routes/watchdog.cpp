// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/watchdog.h"

#include <pthread.h>

#include <utility>

namespace httpd::routes {

Watchdog::Watchdog(std::chrono::milliseconds patience) : patience_(patience) {
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "watchdog");
        run();
    });
}

Watchdog::~Watchdog() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

std::uint64_t Watchdog::watch(Expired expired) {
    const std::scoped_lock lock(mutex_);
    const std::uint64_t number = next_++;
    const bool was_empty = entries_.empty();
    entries_.emplace_hint(entries_.end(), number,
                          Entry{std::chrono::steady_clock::now() + patience_, std::move(expired)});
    if (was_empty) {
        wake_.notify_one();
    }
    return number;
}

bool Watchdog::release(std::uint64_t number) {
    Entry gone;  // destroyed outside the lock
    const std::scoped_lock lock(mutex_);
    const auto found = entries_.find(number);
    if (found == entries_.end()) {
        return false;
    }
    gone = std::move(found->second);
    entries_.erase(found);
    return true;
}

// Sleeps until the oldest is due; a released one makes it wake once for nothing.
void Watchdog::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (entries_.empty()) {
            wake_.wait(lock);
            continue;
        }
        const auto first = entries_.begin();
        if (std::chrono::steady_clock::now() < first->second.at) {
            const auto at = first->second.at;
            wake_.wait_until(lock, at);
            continue;
        }
        Expired expired = std::move(first->second.expired);
        entries_.erase(first);
        lock.unlock();
        expired();
        expired = nullptr;
        lock.lock();
    }
}

}  // namespace httpd::routes
