// SPDX-License-Identifier: Apache-2.0
// OPEN: always asked of the tree, which checks the repository's state. A verified file is read by
// the kernel itself from then on (passthrough), where that can be. FOPEN_NOFLUSH on every
// open: without it a process that dies with a file of a dead mount open cannot be killed.
#include <fcntl.h>

#include <cerrno>
#include <memory>
#include <tuple>
#include <utility>

#include "fs/fuse/context.h"
#include "fs/fuse/request_number.h"

namespace hubfs::fuse {

namespace {

void answer(Context& context, Reply reply, tree::Ino ino, std::uint64_t fh,
            std::shared_ptr<tree::Handle> opened) {
    const Result<std::int32_t> backing =
        context.open_files.open(fh, ino, [&] { return opened->verified_file(); });
    if (!backing) {
        reply.error(backing.error());
        return;
    }
    OpenReply open{.fh = fh, .backing_id = *backing};
    if (*backing == 0) {
        open.keep_pages = opened->keep_pages();
        open.direct_io = opened->direct_io();
    }
    if (*backing == 0 && !open.direct_io) {
        context.kept.add(ino);
    }
    std::ignore = context.files.put(fh, ino, std::move(opened));
    if (!reply.open(open)) {
        context.files.remove(fh);  // the caller has gone: no RELEASE will come
        context.open_files.close(fh);
    }
}

}  // namespace

void op_open(fuse_req_t request, fuse_ino_t ino, fuse_file_info* info) noexcept {
    run(request, Op::open, [&](Context& context, Reply reply) {
        if ((info->flags & O_ACCMODE) != O_RDONLY || (info->flags & O_TRUNC) != 0) {
            reply.error(EROFS);
            return;
        }
        const tree::Ino file{ino};
        // The request's own number: delivered again to the next daemon, it is the same open.
        const std::uint64_t fh = request_number;
        context.fs.open(file, [&context, file, fh, reply = std::move(reply)](
                                  Result<std::unique_ptr<tree::Handle>> opened) mutable {
            if (!opened) {
                reply.error(opened.error());
                return;
            }
            answer(context, std::move(reply), file, fh, std::move(*opened));
        });
    });
}

}  // namespace hubfs::fuse
