// SPDX-License-Identifier: Apache-2.0
// OPENDIR and RELEASEDIR: the listing is taken here and stays what it is until the last close, so
// that offsets are stable. Immutable directories are kept by the kernel (both flags are needed).
#include <memory>
#include <utility>

#include "fs/fuse/context.h"

namespace hubfs::fuse {

void op_opendir(fuse_req_t request, fuse_ino_t ino, fuse_file_info* /*info*/) noexcept {
    run(request, Op::opendir, [&](Context& context, Reply reply) {
        const tree::Ino directory{ino};
        context.fs.list(
            directory, [&context, directory, reply = std::move(reply)](
                           Result<std::shared_ptr<const tree::Listing>> listing) mutable {
                if (!listing) {
                    reply.error(listing.error());
                    return;
                }
                fuse_file_info info{};
                info.cache_readdir = (*listing)->kernel_may_keep ? 1 : 0;
                info.keep_cache = info.cache_readdir;
                info.noflush = 1;
                const std::uint64_t fh = context.directories.add(directory, std::move(*listing));
                info.fh = fh;
                if (!reply.open_directory(info)) {
                    context.directories.remove(fh);
                }
            });
    });
}

void op_releasedir(fuse_req_t request, fuse_ino_t /*ino*/, fuse_file_info* info) noexcept {
    run(request, Op::releasedir, [&](Context& context, Reply reply) {
        context.directories.remove(info->fh);
        reply.ok();
    });
}

}  // namespace hubfs::fuse
