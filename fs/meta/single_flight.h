// SPDX-License-Identifier: Apache-2.0
// Equal questions under way are one question: the first to join asks, all get its answer. A waiter
// may leave before (its patience ended); the question goes on without it. Thread-safe; nobody is
// called under the lock. Knows neither time nor network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/result.h"

namespace hubfs::meta {

template <class T>
class SingleFlight {
public:
    struct Joined {
        bool full = false;         // too many questions or waiters: `waiter` is untouched
        bool first = false;        // the caller must ask, and end() it
        std::uint64_t ticket = 0;  // for leave()
        Steady since{};            // when the question was first asked
    };

    SingleFlight(std::size_t flights_max, std::size_t waiters_max)
        : flights_max_(flights_max), waiters_max_(waiters_max) {}

    // waiter may be empty: nobody waits for this one.
    [[nodiscard]] Joined join(const std::string& key, Done<T>& waiter, Steady now) {
        const std::scoped_lock lock(mutex_);
        auto found = flights_.find(key);
        const bool first = found == flights_.end();
        if ((first && flights_.size() >= flights_max_) || waiters_ >= waiters_max_) {
            return {true, false, 0, {}};
        }
        if (first) {
            found = flights_.emplace(key, Flight{now, {}}).first;
        }
        const std::uint64_t ticket = ++tickets_;
        if (waiter) {
            found->second.waiters.emplace_back(ticket, std::move(waiter));
            ++waiters_;
        }
        return {false, first, ticket, found->second.since};
    }

    // The waiter, when it has not been answered yet; the caller answers it now.
    [[nodiscard]] std::optional<Done<T>> leave(const std::string& key, std::uint64_t ticket) {
        const std::scoped_lock lock(mutex_);
        const auto found = flights_.find(key);
        if (found == flights_.end()) {
            return std::nullopt;
        }
        std::vector<Waiter>& waiters = found->second.waiters;
        for (auto it = waiters.begin(); it != waiters.end(); ++it) {
            if (it->first == ticket) {
                Done<T> waiter = std::move(it->second);
                waiters.erase(it);
                --waiters_;
                return waiter;
            }
        }
        return std::nullopt;
    }

    // The answer: everybody still waiting gets it. T is copied for all but the last.
    void end(const std::string& key, Result<T> answer) {
        std::vector<Waiter> waiters = take(key);
        for (std::size_t i = 0; i + 1 < waiters.size(); ++i) {
            waiters[i].second(answer);
        }
        if (!waiters.empty()) {
            waiters.back().second(std::move(answer));
        }
    }

    // Answers everybody with the same error: the owner is going away.
    void end_all(const Error& error) {
        std::vector<std::string> keys;
        {
            const std::scoped_lock lock(mutex_);
            for (const auto& [key, flight] : flights_) {
                keys.push_back(key);
            }
        }
        for (const std::string& key : keys) {
            end(key, std::unexpected(error));
        }
    }

    [[nodiscard]] std::size_t under_way() const {
        const std::scoped_lock lock(mutex_);
        return flights_.size();
    }

private:
    using Waiter = std::pair<std::uint64_t, Done<T>>;
    struct Flight {
        Steady since;
        std::vector<Waiter> waiters;
    };

    std::vector<Waiter> take(const std::string& key) {
        const std::scoped_lock lock(mutex_);
        const auto found = flights_.find(key);
        if (found == flights_.end()) {
            return {};
        }
        std::vector<Waiter> waiters = std::move(found->second.waiters);
        waiters_ -= waiters.size();
        flights_.erase(found);
        return waiters;
    }

    const std::size_t flights_max_;
    const std::size_t waiters_max_;
    mutable std::mutex mutex_;  // guards what follows
    std::unordered_map<std::string, Flight> flights_;
    std::size_t waiters_ = 0;  // of all flights
    std::uint64_t tickets_ = 0;
};

}  // namespace hubfs::meta
