// SPDX-License-Identifier: Apache-2.0
#include "httpd/hot/epoch_watch.h"

#include <pthread.h>

#include <utility>

namespace httpd::hot {

EpochWatch::EpochWatch(Read read, const hubfs::Clock& clock)
    : read_(std::move(read)), clock_(clock), thread_([this] { run(); }) {}

EpochWatch::~EpochWatch() {
    (void)stop(std::chrono::milliseconds(0));
    thread_.join();
}

bool EpochWatch::stop(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    wanted_.store(true);
    wanted_.notify_one();
    wake_.notify_all();
    return ended_.wait_for(lock, most, [this] { return over_; });
}

std::optional<std::uint64_t> EpochWatch::current(hubfs::Steady now) noexcept {
    if (!wanted_.load(std::memory_order_relaxed)) {
        wanted_.store(true);
        wanted_.notify_one();
    }
    const auto read_at = read_at_.load(std::memory_order_acquire);
    const std::uint64_t value = value_.load(std::memory_order_acquire);
    if (read_at == kNever ||
        now - hubfs::Steady(hubfs::Steady::duration(read_at)) >= hubfs::Steady::duration(kAgeMax)) {
        return std::nullopt;
    }
    return value;
}

void EpochWatch::run() {
    pthread_setname_np(pthread_self(), "epoch-watch");
    while (true) {
        wanted_.wait(false);
        {
            const std::scoped_lock lock(mutex_);
            if (stopping_) {
                break;
            }
        }
        wanted_.store(false);
        read_once();
        std::unique_lock lock(mutex_);
        if (wake_.wait_for(lock, kPeriod, [this] { return stopping_; })) {
            break;
        }
    }
    const std::scoped_lock lock(mutex_);
    over_ = true;
    ended_.notify_all();
}

void EpochWatch::read_once() {
    const auto before = clock_.steady().time_since_epoch().count();  // its age counts from here
    const auto value = read_();
    if (value) {
        value_.store(*value, std::memory_order_release);
    }
    read_at_.store(value ? before : kNever, std::memory_order_release);
}

}  // namespace httpd::hot
