// SPDX-License-Identifier: Apache-2.0
// Counters of this folder. Thread-safe; each is right by itself, together they are a snapshot of
// no particular moment.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "fs/base/result.h"

namespace hubfs::upstream {

struct Stats {
    using Counter = std::atomic<std::uint64_t>;
    Counter api_calls = 0;         // asked of us
    Counter content_ranges = 0;    // asked of us
    Counter api_requests = 0;      // sent, redirects and retries included
    Counter resolve_requests = 0;  // sent to the Hub for content
    Counter content_requests = 0;  // sent to content hosts
    Counter api_bytes = 0;         // of bodies, decoded
    Counter content_bytes = 0;     // handed to sinks
    Counter retries = 0;
    Counter redirects = 0;
    Counter signed_reused = 0;  // ranges that needed no resolving
    Counter refused = 0;        // not asked: quota spent, or the origin given up
    std::array<Counter, static_cast<std::size_t>(Code::offline) + 1> failures{};  // by code

    void count_failure(Code code) { ++failures[static_cast<std::size_t>(code)]; }
    // {"api_calls":0,…,"connections":0,"failures":{"timed_out":1}}: codes that never came are left
    // out. connections: made so far.
    [[nodiscard]] std::string to_json(std::uint64_t connections) const;
};

}  // namespace hubfs::upstream
