// SPDX-License-Identifier: Apache-2.0
// A deadline for what the pools do: system calls on a mount that hangs never come back, and the
// client must get its 504 all the same. Everything watched has the same time, so that the oldest is
// always the first to expire. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "fs/base/clock.h"

namespace httpd::routes {

class Watchdog {
public:
    // Called on the watchdog's thread, without a lock held; must not block.
    using Expired = std::move_only_function<void()>;

    explicit Watchdog(std::chrono::milliseconds patience);
    ~Watchdog();  // calls nothing any more
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    // A number for release(); `expired` is called once unless that comes first.
    [[nodiscard]] std::uint64_t watch(Expired expired);
    // True when it had not expired, and now never will: the caller is the one who answers.
    [[nodiscard]] bool release(std::uint64_t number);

private:
    struct Entry {
        hubfs::Steady at{};
        Expired expired;
    };

    void run();

    const std::chrono::milliseconds patience_;
    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    std::map<std::uint64_t, Entry> entries_;  // by number: also by time
    std::uint64_t next_ = 1;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace httpd::routes
