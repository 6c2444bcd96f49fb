// SPDX-License-Identifier: Apache-2.0
// OPEN: always asked of the tree, which checks the repository's state. FOPEN_NOFLUSH on every
// open: without it a process that dies with a file of a dead mount open cannot be killed.
#include <fcntl.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "fs/fuse/context.h"

namespace hubfs::fuse {

namespace {

void answer(Context& context, Reply reply, tree::Ino ino, std::shared_ptr<tree::Handle> opened) {
    fuse_file_info info{};
    info.keep_cache = opened->keep_pages() ? 1 : 0;
    if (opened->keep_pages()) {
        context.kept.add(ino);
    }
    info.direct_io = opened->direct_io() ? 1 : 0;
    info.noflush = 1;
    info.fh = context.files.add(ino, std::move(opened));
    const std::uint64_t fh = info.fh;
    if (!reply.open(info)) {
        context.files.remove(fh);  // the caller has gone: no RELEASE will come
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
        context.fs.open(file, [&context, file, reply = std::move(reply)](
                                  Result<std::unique_ptr<tree::Handle>> opened) mutable {
            if (!opened) {
                reply.error(opened.error());
                return;
            }
            answer(context, std::move(reply), file, std::move(*opened));
        });
    });
}

}  // namespace hubfs::fuse
