// SPDX-License-Identifier: Apache-2.0
// STATFS: the cache's quota, so that df shows how full it is.
#include <sys/statvfs.h>

#include "fs/fuse/context.h"
#include "fs/fuse/limits.h"

namespace hubfs::fuse {

void op_statfs(fuse_req_t request, fuse_ino_t /*ino*/) noexcept {
    run(request, Op::statfs, [&](Context& context, Reply reply) {
        const tree::Statfs now = context.fs.statfs();
        struct statvfs st{};
        st.f_bsize = now.block_bytes;
        st.f_frsize = now.block_bytes;
        st.f_blocks = now.total_blocks;
        st.f_bfree = now.free_blocks;
        st.f_bavail = now.free_blocks;
        st.f_files = now.files;
        st.f_namemax = kNameBytesMax;
        reply.statfs(st);
    });
}

}  // namespace hubfs::fuse
