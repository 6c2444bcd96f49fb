// SPDX-License-Identifier: Apache-2.0
// The mount's epoch for those who may not touch the mount: a thread reads it every 100 ms while
// somebody asks, and sleeps otherwise. A reader gets it only while it is fresh enough to answer
// from memory by it (docs/mount_contract.md, "Withdrawal"). A mount that hangs or is gone gives
// nothing, and nothing is answered from memory. Knows no mount: reading is an argument.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "fs/base/clock.h"

namespace httpd::hot {

class EpochWatch {
public:
    static constexpr std::chrono::milliseconds kPeriod{100};
    static constexpr std::chrono::milliseconds kAgeMax{250};
    // Reads the epoch now; may block. Nothing when it cannot be read.
    using Read = std::move_only_function<std::optional<std::uint64_t>()>;

    // The clock outlives the watch.
    EpochWatch(Read read, const hubfs::Clock& clock);
    ~EpochWatch();  // waits for a read under way
    EpochWatch(const EpochWatch&) = delete;
    EpochWatch& operator=(const EpochWatch&) = delete;

    // Thread-safe; neither waits nor allocates. Nothing when it was not read in the last 250 ms;
    // asking keeps the thread reading.
    [[nodiscard]] std::optional<std::uint64_t> current(hubfs::Steady now) noexcept;
    // No more reads. False when the one under way did not end in time: the destructor would hang.
    [[nodiscard]] bool stop(std::chrono::milliseconds most);

private:
    void run();
    void read_once();

    Read read_;  // only the thread's
    const hubfs::Clock& clock_;
    // The value is written before the time and read after it: it is never older than the time says.
    std::atomic<std::uint64_t> value_{0};
    std::atomic<hubfs::Steady::rep> read_at_{kNever};
    std::atomic<bool> wanted_{false};
    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    std::condition_variable ended_;
    bool stopping_ = false;
    bool over_ = false;
    std::thread thread_;

    static constexpr hubfs::Steady::rep kNever = hubfs::Steady::min().time_since_epoch().count();
};

}  // namespace httpd::hot
