// SPDX-License-Identifier: Apache-2.0
// One thread for all waits that end by time, so that no wait holds a thread of its own. Real
// (steady) time. Functions run on the timer's thread and must be short. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace hubfs::meta {

class Timers {
public:
    Timers();
    ~Timers();  // what is not due is dropped
    Timers(const Timers&) = delete;
    Timers& operator=(const Timers&) = delete;

    void after(std::chrono::nanoseconds wait, std::move_only_function<void()> fn);
    // Drops what is not due and joins; after() does nothing from then on.
    void stop();

private:
    void run();

    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    std::multimap<std::chrono::steady_clock::time_point, std::move_only_function<void()>> due_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace hubfs::meta
