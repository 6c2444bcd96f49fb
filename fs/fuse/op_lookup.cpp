// SPDX-License-Identifier: Apache-2.0
// LOOKUP: a name in a directory. A name that is not there is answered as an entry without a node
// while that may be believed: the kernel remembers such an answer, an ENOENT never.
#include <cerrno>
#include <utility>

#include "fs/fuse/context.h"

namespace hubfs::fuse {

namespace {

void answer(Reply reply, const tree::Lookup& found, Owner owner) {
    if (found.present) {
        reply.entry(to_entry(found.attributes, found.valid, owner));
        return;
    }
    if (found.valid.count() <= 0) {
        reply.error(ENOENT);
        return;
    }
    fuse_entry_param absent{};
    absent.entry_timeout = to_seconds(found.valid);
    reply.entry(absent);
}

}  // namespace

void op_lookup(fuse_req_t request, fuse_ino_t parent, const char* name) noexcept {
    run(request, Op::lookup, [&](Context& context, Reply reply) {
        context.fs.lookup(
            tree::Ino{parent}, name,
            [owner = context.owner, reply = std::move(reply)](Result<tree::Lookup> found) mutable {
                if (!found) {
                    reply.error(found.error());
                    return;
                }
                answer(std::move(reply), *found, owner);
            });
    });
}

}  // namespace hubfs::fuse
