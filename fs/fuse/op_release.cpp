// SPDX-License-Identifier: Apache-2.0
// RELEASE: the last close. A number of an earlier daemon that nobody read from is unknown here and
// needs nothing.
#include "fs/fuse/context.h"

namespace hubfs::fuse {

void op_release(fuse_req_t request, fuse_ino_t /*ino*/, fuse_file_info* info) noexcept {
    run(request, Op::release, [&](Context& context, Reply reply) {
        context.files.remove(info->fh);
        reply.ok();
    });
}

}  // namespace hubfs::fuse
