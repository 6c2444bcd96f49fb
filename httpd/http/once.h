// SPDX-License-Identifier: Apache-2.0
// A callback that is called exactly once: dropped without a call (a pool that stops, a bug), it is
// called with the fallback, so that whoever waits never waits for ever. Move-only; may be moved
// between threads, called from any.
#pragma once

#include <functional>
#include <optional>
#include <utility>

namespace httpd::http {

template <class T>
class Once {
public:
    using Function = std::move_only_function<void(T)>;

    Once() = default;
    Once(Function function, T fallback)
        : function_(std::move(function)), fallback_(std::move(fallback)) {}
    Once(Once&& other) noexcept
        : function_(std::exchange(other.function_, nullptr)),
          fallback_(std::exchange(other.fallback_, std::nullopt)) {}
    Once& operator=(Once&& other) noexcept {
        if (this != &other) {
            drop();
            function_ = std::exchange(other.function_, nullptr);
            fallback_ = std::exchange(other.fallback_, std::nullopt);
        }
        return *this;
    }
    Once(const Once&) = delete;
    Once& operator=(const Once&) = delete;
    ~Once() { drop(); }

    void operator()(T value) {
        if (Function function = std::exchange(function_, nullptr)) {
            function(std::move(value));
        }
    }
    [[nodiscard]] explicit operator bool() const { return static_cast<bool>(function_); }

private:
    void drop() noexcept {
        if (function_ && fallback_) {
            (*this)(std::move(*fallback_));
        }
    }

    Function function_;
    std::optional<T> fallback_;
};

}  // namespace httpd::http
