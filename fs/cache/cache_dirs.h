// SPDX-License-Identifier: Apache-2.0
// All cache directories of one cache (usually one per disk), and putting records and files in
// agreement when it opens. Losing a directory loses only its contents. Immutable once open.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fs/base/result.h"
#include "fs/cache/blob_index.h"
#include "fs/cache/block_ledger.h"
#include "fs/cache/cache_dir.h"

namespace hubfs::cache {

// What is on the disks after recover().
struct Totals {
    std::uint64_t bytes = 0;
    std::uint64_t contents = 0;
    std::uint64_t verified = 0;
};

// A file that no record claims and that may be a whole content.
struct Orphan {
    const CacheDir* dir = nullptr;  // lives as long as its CacheDirs
    ContentHash hash;
};

struct Recovered {
    Totals totals;
    std::vector<Orphan> orphans;
};

class CacheDirs {
public:
    // A directory that cannot be opened is left out with a warning, as long as one remains; one
    // that another cache uses or that has an unknown format is an error.
    [[nodiscard]] static Result<CacheDirs> open(const std::vector<std::string>& paths,
                                                const BlobIndex& index);

    // Forgets records that no file matches, and removes files that no record wants: after kill -9
    // or power loss what remains is what was synced. Files that may be whole contents are left for
    // the Adopter.
    [[nodiscard]] Result<Recovered> recover(BlobIndex& index) const;

    // Null when it is not one of ours (any more).
    [[nodiscard]] const CacheDir* find(std::uint16_t number) const;
    void unlock() const;
    // Where a new content goes: where most is free.
    [[nodiscard]] const CacheDir& place() const;

private:
    std::vector<std::unique_ptr<CacheDir>> dirs_;
};

// The books as a record tells them; nothing when the record contradicts itself.
[[nodiscard]] std::optional<BlockLedger> ledger_from(const BlobIndex::Record& record);

}  // namespace hubfs::cache
