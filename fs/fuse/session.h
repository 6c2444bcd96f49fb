// SPDX-License-Identifier: Apache-2.0
// One daemon's conversation with the kernel over a /dev/fuse descriptor that the supervisor has
// mounted and answered INIT on. Owns the worker threads and the notifier; knows nothing of mounting
// and unmounting. Every start is a takeover: requests that an earlier daemon had read and not
// answered are asked for again once.
//
// The workers share one descriptor (a cloned one would lose its requests with its daemon) and read
// it by themselves; libfuse decodes and encodes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fs/base/fd.h"
#include "fs/base/handle_rows.h"
#include "fs/base/result.h"
#include "fs/fuse/backing.h"
#include "fs/fuse/init.h"
#include "fs/fuse/limits.h"
#include "fs/tree/filesystem.h"

namespace hubfs::fuse {

struct SessionConfig {
    Granted granted;
    std::uint64_t generation = 0;  // how many daemons this mount had before
    std::size_t workers = kWorkers;
    Backing* backing = nullptr;  // passthrough, where there is one; outlives the session
};

class Session {
public:
    // Takes the descriptor, and the table that says what an earlier daemon had opened. `filesystem`
    // must outlive stop_reading() and every callback it holds.
    static Result<std::unique_ptr<Session>> open(SessionConfig config, Fd device, HandleRows rows,
                                                 tree::Filesystem& filesystem);
    virtual ~Session() = default;

    // Starts the workers. `gone` is called once, on a worker, when the kernel has ended the
    // connection (unmounted or aborted); it must not block.
    virtual Status start(std::move_only_function<void()> gone) = 0;

    // The kernel forgets a name, or the pages and attributes of an inode. Never waits.
    virtual void invalidate_name(tree::Ino parent, std::string name) = 0;
    virtual void invalidate_pages(tree::Ino ino) = 0;

    // Regular files opened so far whose pages the kernel may keep: the newest, at least
    // kKeptInodesMax of them when there were so many.
    [[nodiscard]] virtual std::vector<tree::Ino> kept_inodes() const = 0;

    // The orderly end, in this order (docs/threading.md).
    virtual void stop_notifications() = 0;
    // Waits until the work of every request that was taken has ended, that of interrupted ones
    // too; false when the time was not enough.
    virtual bool drain(std::chrono::milliseconds at_most) = 0;
    // Joins the workers. Requests still in flight keep their replies.
    virtual void stop_reading() = 0;
    // Closes what is open, after the last callback has run: one may have opened something more.
    virtual void close_handles() = 0;

    // Requests read so far; the supervisor sees from it that the daemon lives.
    [[nodiscard]] virtual std::uint64_t received() const = 0;
    [[nodiscard]] virtual std::string stats_json() const = 0;
};

}  // namespace hubfs::fuse
