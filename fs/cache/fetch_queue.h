// SPDX-License-Identifier: Apache-2.0
// Which range is asked of upstream next. Reads that somebody waits for go before read-ahead, and
// among contents the one with the fewest ranges under way goes first, so one large file cannot
// starve the others. Some connections are never given to read-ahead. Thread-safe.
//
// Bounded by its users: every job is a block range marked as asked for in its ledger, made for a
// parked read (kWaitersMax) or one read-ahead window.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "fs/cache/block_map.h"
#include "fs/cache/content_state.h"

namespace hubfs::cache {

struct FetchJob {
    StatePtr state;
    BlockSpan blocks;
    std::uint64_t generation = 0;
    bool demand = false;  // somebody waits for it
};

class FetchQueue {
public:
    // start: called out of the lock, by one thread at a time; finished() answers it, at any time.
    using Start = std::function<void(FetchJob)>;

    FetchQueue(std::size_t connections, Start start);

    void push(std::vector<FetchJob> jobs);
    // Queued jobs with one of these blocks become demand. May be called under the content's lock.
    void promote(const ContentState& state, BlockSpan blocks);
    // Removes what is queued for a content. May be called under the content's lock.
    std::vector<FetchJob> take(const ContentState& state);
    // A started job has ended.
    void finished(const ContentState& state);

    // Nothing starts any more.
    void close();
    // False when started jobs are still under way after this time.
    [[nodiscard]] bool wait_idle(std::chrono::milliseconds at_most);
    [[nodiscard]] std::size_t running() const;
    [[nodiscard]] std::size_t queued() const;

private:
    struct Lane {
        std::deque<FetchJob> demand;
        std::deque<FetchJob> ahead;
        std::size_t running = 0;
        std::uint64_t came = 0;    // when its first job was queued
        std::uint64_t served = 0;  // when it last had its turn
    };
    using Lanes = std::map<const ContentState*, Lane>;

    void pump();
    std::optional<FetchJob> next();
    void tidy(Lanes::iterator lane);

    const std::size_t connections_;
    const std::size_t ahead_max_;
    const Start start_;
    mutable std::mutex mutex_;  // guards what follows; the last in the lock order
    std::condition_variable idle_;
    Lanes lanes_;
    std::size_t running_ = 0;
    std::uint64_t turn_ = 0;
    bool pumping_ = false;  // one thread starts jobs; it also sees what others add meanwhile
    bool closed_ = false;
};

}  // namespace hubfs::cache
