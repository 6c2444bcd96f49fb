// SPDX-License-Identifier: Apache-2.0
// The insides of Database, shared by database.cpp and group_writer.cpp; nobody else includes this.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "fs/base/fd.h"
#include "fs/meta/database.h"

namespace hubfs::meta {

// Lets transactions through side by side and shuts them all out while the map is replaced (LMDB
// may do that only without any transaction). A shut gate also holds newcomers back, so that a
// stream of readers cannot keep it open for ever.
class MapGate {
public:
    [[nodiscard]] std::shared_lock<std::shared_mutex> enter() {
        if (closing_.load(std::memory_order_acquire)) {
            const std::scoped_lock turn(turnstile_);
        }
        return std::shared_lock(mutex_);
    }
    template <class F>
    auto alone(F&& fn) {
        const std::scoped_lock turn(turnstile_);
        closing_.store(true, std::memory_order_release);
        const std::unique_lock lock(mutex_);
        auto result = fn();
        closing_.store(false, std::memory_order_release);
        return result;
    }

private:
    std::atomic<bool> closing_{false};
    std::mutex turnstile_;  // before mutex_
    std::shared_mutex mutex_;
};

struct EnvCloser {
    void operator()(MDB_env* env) const noexcept;
};

struct Database::Parts {
    Fd lock;  // first: given up only after the environment is closed
    std::unique_ptr<MDB_env, EnvCloser> env;
    TableHandles tables{};
    mutable MapGate gate;
    std::atomic<bool> broken{false};  // the map was lost while growing: nothing works any more
    std::atomic<std::uint64_t> map_bytes{0}, groups{0}, writes{0}, growths{0};
    mutable std::atomic<std::uint64_t> stale_readers{0};
};

struct Database::Item {
    WriteFn fn;
    Committed committed;
    Status status;
};

// The one thread that writes, and the queue in front of it.
class Database::Writer {
public:
    Writer(Database& database, std::chrono::milliseconds later_max);
    ~Writer();  // commits the queue, then joins
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // urgent: start at once. Waits while the queue is full.
    void submit(Item item, bool urgent);

private:
    void run();

    Database& database_;
    const std::chrono::milliseconds later_max_;
    std::mutex mutex_;  // guards the queue and the flags
    std::condition_variable wake_;
    std::condition_variable room_;
    std::deque<Item> queue_;
    bool urgent_ = false;
    bool stopping_ = false;
    Steady due_{};  // when the oldest patient item must go
    std::thread thread_;
};

}  // namespace hubfs::meta
