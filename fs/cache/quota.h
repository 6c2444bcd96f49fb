// SPDX-License-Identifier: Apache-2.0
// How much the cache holds, and whether it may store more. Counts only; the Evictor acts on it.
// Atomic.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "fs/cache/cache_dirs.h"
#include "fs/cache/limits.h"

namespace hubfs::cache {

class Quota {
public:
    explicit Quota(std::uint64_t limit_bytes) : limit_bytes_(limit_bytes) {}

    void start(const Totals& totals) {
        used_bytes_ = totals.bytes;
        contents_ = totals.contents;
        verified_ = totals.verified;
    }
    void stored(std::uint64_t bytes, bool first) {
        used_bytes_ += bytes;
        contents_ += first ? 1U : 0U;
    }
    void verified_one() { ++verified_; }
    void removed(std::uint64_t bytes, bool verified) {
        used_bytes_ -= bytes;
        --contents_;
        verified_ -= verified ? 1U : 0U;
    }

    // Some of its blocks were dropped; the content stays.
    void shrunk(std::uint64_t bytes, bool was_verified) {
        used_bytes_ -= bytes;
        verified_ -= was_verified ? 1U : 0U;
    }

    // A write failed for lack of space, or eviction found nothing more to remove.
    void set_full(bool full) { full_ = full; }
    [[nodiscard]] bool full() const { return full_; }
    // Beyond the limit eviction gets some time to catch up; then nothing more is stored.
    [[nodiscard]] bool may_store() const {
        const std::uint64_t slack =
            std::max(kOvershootBytes, limit_bytes_ / 100 * (100 - kLowMarkPercent));
        return !full_ && used_bytes_ < limit_bytes_ + slack;
    }
    [[nodiscard]] bool over() const { return used_bytes_ > limit_bytes_; }

    [[nodiscard]] std::uint64_t limit_bytes() const { return limit_bytes_; }
    [[nodiscard]] std::uint64_t used_bytes() const { return used_bytes_; }
    [[nodiscard]] std::uint64_t contents() const { return contents_; }
    [[nodiscard]] std::uint64_t verified() const { return verified_; }

private:
    const std::uint64_t limit_bytes_;
    std::atomic<std::uint64_t> used_bytes_{0};
    std::atomic<std::uint64_t> contents_{0};
    std::atomic<std::uint64_t> verified_{0};
    std::atomic<bool> full_{false};
};

}  // namespace hubfs::cache
