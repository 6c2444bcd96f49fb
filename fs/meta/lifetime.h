// SPDX-License-Identifier: Apache-2.0
// Lets callbacks that may come after their owner's end find that out. They hold the Lifetime by a
// shared_ptr; enter() says whether the owner is still there and keeps it there for as long as the
// returned guard lives. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

namespace hubfs::meta {

class Lifetime {
public:
    class Guard {
    public:
        explicit Guard(Lifetime* owner) : owner_(owner) {}
        Guard(Guard&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
        Guard& operator=(Guard&&) = delete;
        ~Guard() {
            if (owner_ != nullptr) {
                owner_->leave();
            }
        }
        explicit operator bool() const { return owner_ != nullptr; }

    private:
        Lifetime* owner_;
    };

    [[nodiscard]] Guard enter() {
        const std::scoped_lock lock(mutex_);
        if (over_) {
            return Guard(nullptr);
        }
        ++inside_;
        return Guard(this);
    }
    // Nobody enters any more; waits until all guards are gone. They are short: no network.
    void end() {
        std::unique_lock lock(mutex_);
        over_ = true;
        empty_.wait(lock, [this] { return inside_ == 0; });
    }

private:
    void leave() {
        const std::scoped_lock lock(mutex_);
        if (--inside_ == 0) {
            empty_.notify_all();
        }
    }

    std::mutex mutex_;  // guards what follows
    std::condition_variable empty_;
    std::size_t inside_ = 0;
    bool over_ = false;
};

}  // namespace hubfs::meta
