// SPDX-License-Identifier: Apache-2.0
// Gives readers their bytes: from the file or from memory, as a ReadPlan says. Hits are read on the
// caller's thread; parked reads that became readable are read by a few threads of their own, never
// on a transfer thread. The memory handed out was written by us. Thread-safe.
#pragma once

#include <vector>

#include "fs/base/result.h"
#include "fs/cache/content_state.h"
#include "fs/cache/work_pool.h"

namespace hubfs::cache {

struct Engine;

class Answers {
public:
    explicit Answers(Engine& engine);

    // Reads now. A file that cannot be read loses its content (it is fetched again): Code::io.
    // Blocks that are damaged are lost (Mender): Code::stale, ask again.
    [[nodiscard]] Result<Bytes> read(const StatePtr& state, const ReadPlan& plan);
    // The same for a reader: counted.
    void serve(const StatePtr& state, const ReadPlan& plan, Done<Bytes> done);
    // Answers them from the pool. Not under the content's lock.
    void give(const StatePtr& state, std::vector<Ready> ready);
    // Fails them here and now. Not under the content's lock.
    void refuse(std::vector<Waiter> waiters, const Error& error);
    // Answers what is queued, then stops: later answers come on the thread that makes them.
    void stop() { pool_.stop(); }

private:
    Engine& engine_;
    WorkPool pool_;
};

}  // namespace hubfs::cache
