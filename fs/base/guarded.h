// SPDX-License-Identifier: Apache-2.0
// A value that can be reached only while its lock is held. Nothing is called out of the lock: the
// function given to with() must be short, must not block and must not call back into others.
#pragma once

#include <mutex>
#include <utility>

namespace hubfs {

template <class T>
class Guarded {
public:
    Guarded() = default;
    explicit Guarded(T value) : value_(std::move(value)) {}

    template <class F>
    decltype(auto) with(F&& f) {
        const std::scoped_lock lock(mutex_);
        return std::forward<F>(f)(value_);
    }
    template <class F>
    decltype(auto) with(F&& f) const {
        const std::scoped_lock lock(mutex_);
        return std::forward<F>(f)(value_);
    }

private:
    mutable std::mutex mutex_;
    T value_{};
};

}  // namespace hubfs
