// SPDX-License-Identifier: Apache-2.0
// What LMDB keeps about contents: size, whether verified, which blocks are held on which disk, and
// how warm they are, also of those that were evicted lately. A record says only what is durable:
// fs/cache writes the bytes and syncs them first. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/hub_types.h"
#include "fs/base/result.h"
#include "fs/meta/sum_table.h"
#include "fs/meta/turns.h"

namespace hubfs::meta {

class Database;

struct BlobRecord {
    std::uint64_t size_bytes = 0;
    std::uint32_t block_bytes = 0;     // the block size its bitmap was made with
    bool verified = false;             // complete, and the whole hash matched
    std::vector<std::uint8_t> bitmap;  // bit i of byte i/8: block i is held; empty if verified
    std::uint16_t directory = 0;       // index of the cache directory (by its id file)
    Instant last_used{};               // the last use that counted
    Turns warmth = 0;                  // fs/cache/warmth.h
};

// What is remembered of a content that was evicted.
struct LeftRecord {
    Turns at = 0;  // when it left
    Turns warmth = 0;
};

class BlobTable {
public:
    explicit BlobTable(Database& database) : database_(database) {}

    [[nodiscard]] Result<std::optional<BlobRecord>> find(const ContentHash& hash) const;
    struct Change {
        ContentHash hash;
        std::optional<BlobRecord> record;  // nothing: erase, checksums included
        std::vector<SumRow> sums{};        // these rows of its checksums are new
        std::optional<LeftRecord> left{};  // of an erased one; a recorded one has none any more
    };
    // All or none, durable when it returns. `turns`: what the cache's clock shows now.
    [[nodiscard]] Status apply(const std::vector<Change>& changes,
                               std::optional<Turns> turns = std::nullopt);
    // The checksums of its blocks, as far as they are known.
    [[nodiscard]] Result<std::vector<SumRow>> sums(const ContentHash& hash) const;
    // Every record, in key order, in batches outside of one long transaction.
    [[nodiscard]] Status for_each(
        const std::function<void(const ContentHash&, const BlobRecord&)>& visit) const;

    [[nodiscard]] Result<std::optional<LeftRecord>> left(const ContentHash& hash) const;
    // Forgets what left at that moment or before; rows that do not decode as well. One caller at a
    // time, who writes no `left` meanwhile.
    [[nodiscard]] Status forget_left(Turns until);
    // What the clock showed at the last apply() that said it.
    [[nodiscard]] Result<std::optional<Turns>> turns() const;

private:
    Database& database_;
};

}  // namespace hubfs::meta
