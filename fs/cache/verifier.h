// SPDX-License-Identifier: Apache-2.0
// Hashes contents along their contiguous prefix as it grows, reading back what was written, and
// decides what follows: verified, or everything of it is dropped. After a restart the hash begins
// at byte 0 again, when something new arrives. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "fs/base/result.h"
#include "fs/cache/content_state.h"
#include "fs/cache/work_pool.h"

namespace hubfs::cache {

struct Engine;

class Verifier {
public:
    explicit Verifier(Engine& engine);

    // Blocks have arrived: go on hashing if there is something to hash. Not under the lock.
    void kick(const StatePtr& state);

    // Drops all blocks of a content, record and file included, and fails its parked reads with
    // `why`. Code::corrupt: the hash did not match, so its readers get no more from it. Does
    // nothing when it was dropped since `generation`. Not under the lock; writes to the index.
    void drop(const StatePtr& state, std::uint64_t generation, const Error& why);

    void stop() { pool_.stop(); }

private:
    // What the hash job does next.
    struct Step {
        std::uint64_t block = 0;
        std::optional<ReadPlan> read;  // hash these bytes; nothing: the hash is complete
        std::uint64_t generation = 0;
        std::uint64_t round = 0;
    };
    void run(const StatePtr& state);
    [[nodiscard]] std::optional<Step> next(const StatePtr& state) const;
    [[nodiscard]] bool hash(const StatePtr& state, const Step& step);
    void finish(const StatePtr& state, const Step& step);
    void pause(const StatePtr& state, std::uint64_t round);
    void submit(const StatePtr& state);

    Engine& engine_;
    WorkPool pool_;
};

}  // namespace hubfs::cache
