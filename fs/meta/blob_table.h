// SPDX-License-Identifier: Apache-2.0
// What LMDB keeps about contents: size, whether verified, which blocks are held on which disk. A
// record says only what is durable: fs/cache writes the bytes and syncs them first. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/hub_types.h"
#include "fs/base/result.h"
#include "fs/meta/sum_table.h"

namespace hubfs::meta {

class Database;

struct BlobRecord {
    std::uint64_t size_bytes = 0;
    std::uint32_t block_bytes = 0;     // the block size its bitmap was made with
    bool verified = false;             // complete, and the whole hash matched
    std::vector<std::uint8_t> bitmap;  // bit i of byte i/8: block i is held; empty if verified
    std::uint16_t directory = 0;       // index of the cache directory (by its id file)
    Instant last_used{};
};

class BlobTable {
public:
    explicit BlobTable(Database& database) : database_(database) {}

    [[nodiscard]] Result<std::optional<BlobRecord>> find(const ContentHash& hash) const;
    struct Change {
        ContentHash hash;
        std::optional<BlobRecord> record;  // nothing: erase, checksums included
        std::vector<SumRow> sums{};        // these rows of its checksums are new
    };
    // All or none, durable when it returns.
    [[nodiscard]] Status apply(const std::vector<Change>& changes);
    // The checksums of its blocks, as far as they are known.
    [[nodiscard]] Result<std::vector<SumRow>> sums(const ContentHash& hash) const;
    // Every record, in key order, in batches outside of one long transaction.
    [[nodiscard]] Status for_each(
        const std::function<void(const ContentHash&, const BlobRecord&)>& visit) const;

private:
    Database& database_;
};

}  // namespace hubfs::meta
