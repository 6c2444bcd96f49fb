// SPDX-License-Identifier: Apache-2.0
// How each open file is read: through us and the kernel's page cache, or by the kernel itself from
// the cache file (passthrough). The kernel allows one way per inode at a time, and one backing
// number (fuse-notes: mixing them fails the open with EIO), so the first open of an inode decides
// for all until the last release. What was decided is written to the shared rows before the reply.
//
// After a takeover the rows say what the kernel holds. A request that is delivered again finds its
// own row and gets the same answer. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "fs/base/guarded.h"
#include "fs/base/handle_rows.h"
#include "fs/fuse/backing.h"
#include "fs/fuse/counters.h"
#include "fs/tree/inode.h"

namespace hubfs::fuse {

class OpenFiles {
public:
    // backing: nullptr where the kernel or the mount has no passthrough. Both outlive this.
    OpenFiles(HandleRows rows, Backing* backing, Counters& counters);

    // Books an open under a number that the kernel has not had before (or has just had resent).
    // `file` gives the descriptor to be passed through, or an invalid one when the content is not
    // verified yet; it is called only when that matters. Returns the backing number, 0 for a file
    // that is read through us. Code::rate_limited: kHandleRowsMax files are open.
    [[nodiscard]] Result<std::int32_t> open(std::uint64_t fh, tree::Ino node,
                                            const std::function<Fd()>& file);
    // Unknown numbers are ignored: a release that is delivered again.
    void close(std::uint64_t fh);

    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::size_t passed_through() const;  // inodes

private:
    struct Inode {
        std::uint32_t handles = 0;
        std::int32_t backing_id = 0;
    };
    struct Table {
        explicit Table(HandleRows memory) : rows(std::move(memory)) {}
        HandleRows rows;
        std::unordered_map<std::uint64_t, std::size_t> places;  // fh -> row
        std::unordered_map<std::uint64_t, Inode> inodes;
        std::vector<std::size_t> freed;  // places below `used` that are free
        std::size_t used = 0;
        bool off = false;  // passthrough was refused for good
    };
    [[nodiscard]] std::int32_t decide(Table& table, tree::Ino node,
                                      const std::function<Fd()>& file);

    Backing* const backing_;
    Counters& counters_;
    // Held over Backing::add(), so that two first opens of one inode agree; that is bounded.
    mutable std::mutex mutex_;
    Table table_;  // guarded by mutex_
};

}  // namespace hubfs::fuse
