// SPDX-License-Identifier: Apache-2.0
// GETATTR: by inode; the open handle, if any, has nothing to add.
#include <utility>

#include "fs/fuse/context.h"

namespace hubfs::fuse {

void op_getattr(fuse_req_t request, fuse_ino_t ino, fuse_file_info* /*info*/) noexcept {
    run(request, Op::getattr, [&](Context& context, Reply reply) {
        context.fs.getattr(tree::Ino{ino}, [owner = context.owner, reply = std::move(reply)](
                                               Result<tree::Attributes> found) mutable {
            if (!found) {
                reply.error(found.error());
                return;
            }
            reply.attributes(to_stat(*found, owner), to_seconds(found->valid));
        });
    });
}

}  // namespace hubfs::fuse
