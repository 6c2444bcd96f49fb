// SPDX-License-Identifier: Apache-2.0
// The contents that are resident in memory: found or loaded from the index by hash. Whoever needs
// one holds a StatePtr; the others leave when there are too many. Keeps a content from being opened
// while it is being evicted, and from being evicted while anybody holds it. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "fs/cache/blob_index.h"
#include "fs/cache/cache_dirs.h"
#include "fs/cache/content_state.h"

namespace hubfs::cache {

class ContentTable {
public:
    ContentTable(const BlobIndex& index, const CacheDirs& dirs, std::uint32_t block_bytes)
        : index_(index), dirs_(dirs), block_bytes_(block_bytes) {}

    // The content, made or loaded if need be. Its size may differ from the one asked for: the
    // caller decides which is to be believed. Waits for an eviction of it to end.
    [[nodiscard]] Result<StatePtr> acquire(const Content& content);
    // The resident one; null: look into the index.
    [[nodiscard]] StatePtr peek(const ContentHash& hash) const;
    [[nodiscard]] std::vector<StatePtr> all() const;
    [[nodiscard]] std::size_t resident() const;

    // Between the two nobody can acquire it. False, and nothing begun, when somebody holds it.
    [[nodiscard]] bool begin_evict(const ContentHash& hash);
    void end_evict(const ContentHash& hash);

private:
    using States = std::unordered_map<ContentHash, StatePtr, ContentHashHasher>;
    [[nodiscard]] Result<StatePtr> load(const Content& content) const;
    [[nodiscard]] std::vector<StatePtr> sweep();

    const BlobIndex& index_;
    const CacheDirs& dirs_;
    const std::uint32_t block_bytes_;
    mutable std::mutex mutex_;  // guards what follows; before a content's in the lock order
    std::condition_variable evicted_;
    States states_;
    std::unordered_set<ContentHash, ContentHashHasher> evicting_;
    std::uint64_t evictions_ = 0;  // begun so far: a record read before one is not to be trusted
};

}  // namespace hubfs::cache
