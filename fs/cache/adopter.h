// SPDX-License-Identifier: Apache-2.0
// After the store was lost: files of the cache that no record claims are hashed again, and those
// that are what their name says are recorded as verified, so that their bytes need not be fetched
// again. In the background, one file at a time; the others are unlinked. A file whose content is
// in use by now is left alone: it was made anew, or will be judged at the next start.
//
// start() once, before anybody reads; stop() from any thread. The files are found by CacheDirs.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/hub_types.h"
#include "fs/cache/cache_dirs.h"

namespace hubfs::cache {

struct Engine;

class Adopter {
public:
    explicit Adopter(Engine& engine) : engine_(engine) {}
    ~Adopter() { stop(); }
    Adopter(const Adopter&) = delete;
    Adopter& operator=(const Adopter&) = delete;

    void start(std::vector<Orphan> orphans);
    // Waits for the piece that is being hashed; what was not reached stays as it is.
    void stop();
    [[nodiscard]] std::uint64_t left() const { return left_; }

private:
    // A file that is what it should be, not yet recorded.
    struct Sound {
        Orphan orphan;
        std::uint64_t size_bytes = 0;
        std::uint64_t inode = 0;
        Instant last_used{};
        std::vector<meta::SumRow> sums{};
    };
    void run(const std::vector<Orphan>& orphans);
    // The file when its hash is its name; nothing when it is not, or when told to stop.
    [[nodiscard]] std::optional<Sound> check(const Orphan& orphan) const;
    void record(std::vector<Sound>& sound);
    void remove(const Orphan& orphan);

    Engine& engine_;
    std::atomic<bool> stopping_{false};
    std::atomic<std::uint64_t> left_{0};
    std::uint64_t adopted_bytes_ = 0;
    std::thread thread_;
};

}  // namespace hubfs::cache
