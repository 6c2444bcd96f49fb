// SPDX-License-Identifier: Apache-2.0
// FORGET and BATCH_FORGET: nothing hangs on the kernel's counts, because node ids are persistent
// numbers (fs/tree/inode.h). They have no answer, and after a takeover they are not complete.
#include "fs/fuse/context.h"

namespace hubfs::fuse {

namespace {

void count(fuse_req_t request, std::size_t inodes) {
    auto& context = *static_cast<Context*>(fuse_req_userdata(request));
    context.counters.of(Op::forget).requests.fetch_add(inodes, std::memory_order_relaxed);
}

}  // namespace

void op_forget(fuse_req_t request, fuse_ino_t /*ino*/, std::uint64_t /*lookups*/) noexcept {
    count(request, 1);
    fuse_reply_none(request);
}

void op_forget_multi(fuse_req_t request, std::size_t inodes,
                     fuse_forget_data* /*forgets*/) noexcept {
    count(request, inodes);
    fuse_reply_none(request);
}

}  // namespace hubfs::fuse
