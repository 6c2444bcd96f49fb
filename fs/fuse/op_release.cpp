// SPDX-License-Identifier: Apache-2.0
// RELEASE: the last close. A release that is delivered again finds nothing and is well answered.
#include "fs/fuse/context.h"

namespace hubfs::fuse {

void op_release(fuse_req_t request, fuse_ino_t /*ino*/, fuse_file_info* info) noexcept {
    run(request, Op::release, [&](Context& context, Reply reply) {
        context.files.remove(info->fh);
        context.open_files.close(info->fh);
        reply.ok();
    });
}

}  // namespace hubfs::fuse
