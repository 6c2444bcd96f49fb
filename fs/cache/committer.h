// SPDX-License-Identifier: Apache-2.0
// Makes what is held durable, in groups: first one syncfs per directory, then one transaction with
// the bitmaps as they were before it. And removes contents in the reverse order: first the record,
// durably, then the file. So a record never claims bytes that may be lost, and never meets a file
// that was made after it. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <vector>

#include "fs/base/guarded.h"
#include "fs/base/result.h"
#include "fs/cache/blob_index.h"
#include "fs/cache/content_state.h"

namespace hubfs::cache {

struct Engine;

class Committer {
public:
    explicit Committer(Engine& engine) : engine_(engine) {}

    // It has something that is not durable yet. Not under its lock.
    void mark(const StatePtr& state);
    // Everything marked before is durable when it returns.
    Status commit();

    struct Removal {
        ContentHash hash;
        const CacheDir* dir = nullptr;
        std::optional<BlobIndex::Left> left{};  // of one that is evicted
    };
    // All or, when it fails, none. Nothing may write to these files' names meanwhile.
    Status remove(const std::vector<Removal>& removals);

    [[nodiscard]] bool dirty() const;

private:
    struct Snapshot;
    [[nodiscard]] std::vector<Snapshot> snapshot(const std::vector<StatePtr>& states) const;
    Status sync(std::vector<Snapshot>& snapshots, std::vector<Snapshot>& lost) const;
    Status commit_group(std::vector<Snapshot>& lost);
    Status record(const std::vector<Snapshot>& snapshots);

    Engine& engine_;
    Guarded<std::unordered_set<StatePtr>> dirty_;
    std::mutex commit_mutex_;  // one group at a time, so that an older one never overtakes
    std::mutex index_mutex_;   // after commit_mutex_: records change together with their files
};

}  // namespace hubfs::cache
