// SPDX-License-Identifier: Apache-2.0
// What every operation needs, and the frame each of them runs in: its counters, a Reply, and the
// catch-all that keeps exceptions out of libfuse. Private to fs/fuse.
#pragma once

#include <exception>
#include <utility>

#include "fs/base/log.h"
#include "fs/fuse/attributes.h"
#include "fs/fuse/counters.h"
#include "fs/fuse/handles.h"
#include "fs/fuse/kept_inodes.h"
#include "fs/fuse/libfuse.h"
#include "fs/fuse/open_files.h"
#include "fs/fuse/ops.h"
#include "fs/fuse/reply.h"
#include "fs/tree/filesystem.h"

namespace hubfs::fuse {

// Lives as long as the session; the user data of libfuse.
struct Context {
    Context(tree::Filesystem& filesystem, Owner files_owner, std::uint64_t generation,
            HandleRows rows, Backing* backing)
        : fs(filesystem),
          owner(files_owner),
          open_files(std::move(rows), backing, counters),
          files(generation),
          directories(generation) {}

    tree::Filesystem& fs;
    const Owner owner;
    Counters counters;
    OpenFiles open_files;         // what the kernel holds
    Handles<tree::Handle> files;  // of these, what this daemon has opened
    Handles<const tree::Listing> directories;
    KeptInodes kept;
};

// Runs `body(context, reply)`. A body that throws loses its Reply, which then answers EIO.
template <class Body>
void run(fuse_req_t request, Op op, Body&& body) noexcept {
    auto& context = *static_cast<Context*>(fuse_req_userdata(request));
    try {
        std::forward<Body>(body)(context, Reply(request, op, context.counters));
    } catch (const std::exception& failure) {
        log::error("fuse_operation_threw", {{"op", name_of(op)}, {"what", failure.what()}});
    } catch (...) {
        log::error("fuse_operation_threw", {{"op", name_of(op)}});
    }
}

}  // namespace hubfs::fuse
