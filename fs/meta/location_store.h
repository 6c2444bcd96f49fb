// SPDX-License-Identifier: Apache-2.0
// Where each content stands: the index from hash to commit and entry behind `.blobs`. Works inside
// a transaction of the caller; asks nobody. Layout, bounds and why they are so: docs/formats.md,
// "Locations of contents".
//
// A row is a hint that is checked when it is read: the entry it leads to says the hash in full. So
// the key needs only the beginning of the hash, and a row that leads nowhere does no harm.
#pragma once

#include <cstdint>
#include <vector>

#include "fs/base/hub_types.h"
#include "fs/base/result.h"
#include "fs/meta/catalog.h"
#include "fs/meta/database.h"

namespace hubfs::meta {

struct NewLocation {
    std::uint64_t prefix = 0;  // prefix_of() the content's hash
    std::uint32_t commit = 0;
    std::uint32_t entry = 0;
    std::uint32_t repo = 0;
};

// Whole: all rows of the commit are there. One that is being written may never become so, and must
// not displace the last whole one of its repository.
enum class CommitIs : std::uint8_t { being_written, whole };
[[nodiscard]] Status add_location(WriteTxn& txn, const NewLocation& location, CommitIs commit);
[[nodiscard]] Status erase_location(WriteTxn& txn, std::uint64_t prefix, std::uint32_t commit);

// The locations of a content in whole commits, newest first; one in each repository at most.
// rate_limited: none is known, but commits from before there was this index are still being read.
[[nodiscard]] Result<std::vector<LocatedEntry>> load_locations(const ReadTxn& txn,
                                                               const ContentHash& hash);

// Reads the commits of a store that is older than the index. One thread.
class LocationFiller {
public:
    explicit LocationFiller(Database& database) : database_(database) {}

    // A few thousand entries, newest commits first. False: nothing is left.
    [[nodiscard]] Result<bool> step();

private:
    struct Batch;
    [[nodiscard]] Result<Batch> read_batch(const ReadTxn& txn) const;

    Database& database_;
    std::uint32_t after_ = 0;  // the last entry done of the commit under way
};

}  // namespace hubfs::meta
