// SPDX-License-Identifier: Apache-2.0
// The durable record of every content, as the cache needs it: meta::BlobTable in the daemon, a map
// in tests. A record claims only bytes that were synced before it was written. Thread-safe; reads
// are short, apply() is durable when it returns.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "fs/base/hub_types.h"
#include "fs/base/result.h"
#include "fs/meta/blob_table.h"

namespace hubfs::cache {

class BlobIndex {
public:
    using Record = meta::BlobRecord;
    using Left = meta::LeftRecord;
    using Change = meta::BlobTable::Change;
    using Visit = std::function<void(const ContentHash&, const Record&)>;

    virtual ~BlobIndex() = default;
    [[nodiscard]] virtual Result<std::optional<Record>> find(const ContentHash& hash) const = 0;
    [[nodiscard]] virtual Result<std::vector<meta::SumRow>> sums(const ContentHash& hash) const = 0;
    // All or none. `turns`: what the clock of eviction shows, recorded with them.
    [[nodiscard]] virtual Status apply(const std::vector<Change>& changes,
                                       std::optional<meta::Turns> turns) = 0;
    [[nodiscard]] virtual Status for_each(const Visit& visit) const = 0;

    [[nodiscard]] virtual Result<std::optional<Left>> left(const ContentHash& hash) const = 0;
    // Forgets what left at that moment or before. For the one that records what leaves.
    [[nodiscard]] virtual Status forget_left(meta::Turns until) = 0;
    [[nodiscard]] virtual Result<std::optional<meta::Turns>> turns() const = 0;
};

// The record; nothing as well when it cannot be read.
[[nodiscard]] std::optional<BlobIndex::Record> record_of(const BlobIndex& index,
                                                         const ContentHash& hash);

// The adapter; `table` outlives it.
[[nodiscard]] std::unique_ptr<BlobIndex> index_of(meta::BlobTable& table);

}  // namespace hubfs::cache
