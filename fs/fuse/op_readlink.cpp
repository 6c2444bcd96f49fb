// SPDX-License-Identifier: Apache-2.0
// READLINK: asked each time; the kernel keeps no targets (FUSE_CACHE_SYMLINKS is not granted),
// because a symlink here is a name that moves.
#include <utility>

#include "fs/fuse/context.h"

namespace hubfs::fuse {

void op_readlink(fuse_req_t request, fuse_ino_t ino) noexcept {
    run(request, Op::readlink, [&](Context& context, Reply reply) {
        context.fs.readlink(tree::Ino{ino},
                            [reply = std::move(reply)](Result<std::string> target) mutable {
                                if (!target) {
                                    reply.error(target.error());
                                    return;
                                }
                                reply.link(*target);
                            });
    });
}

}  // namespace hubfs::fuse
