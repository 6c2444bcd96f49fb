// SPDX-License-Identifier: Apache-2.0
// Takes single damaged blocks out of a content, so that they alone are fetched again, and finds
// them: a block that was recorded by an earlier daemon is compared with its checksum before it is
// read for the first time, while its content is not complete (the disk may have changed it while
// nobody ran). Thread-safe; called without any lock held.
//
// A lost block is written again in place: its bytes were wrong, so nobody who has the file open
// reads worse ones, and its bit is off on disk before the first new byte is written.
#pragma once

#include <cstdint>
#include <vector>

#include "fs/cache/content_state.h"

namespace hubfs::cache {

struct Engine;

class Mender {
public:
    explicit Mender(Engine& engine) : engine_(engine) {}

    // False: some of the plan's blocks were damaged and are lost now; ask again.
    [[nodiscard]] bool sound(const StatePtr& state, const ReadPlan& plan);

    // Drops these held blocks; false, and nothing happened, when others were lost since the look.
    // Readers that may have been given such bytes get no more; those that wait for the first read
    // of this run do not notice. Waits for the disk.
    bool lose(const StatePtr& state, const ContentState::Look& look,
              const std::vector<std::uint64_t>& blocks);

private:
    struct Lost;
    [[nodiscard]] Lost take(ContentState& state, const std::vector<std::uint64_t>& blocks);
    void settle(const StatePtr& state, Lost lost);

    Engine& engine_;
};

}  // namespace hubfs::cache
