// SPDX-License-Identifier: Apache-2.0
// READ: bytes at once when they are here; else the reply waits with the tree and the worker goes
// on. The answer is full or an error: the kernel takes a short one for the end of the file. It is
// sent from memory that this process wrote, so that a kill during the copy fails no request.
#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "fs/fuse/context.h"

namespace hubfs::fuse {

namespace {

void read_from(Context& context, Reply reply, std::shared_ptr<tree::Handle> file,
               std::uint64_t offset, std::size_t size) {
    tree::Handle& handle = *file;
    // The callback keeps the file open until its bytes have come, whatever RELEASE does.
    handle.read(offset, size,
                [&context, file = std::move(file), size,
                 reply = std::move(reply)](Result<cache::Bytes> bytes) mutable {
                    if (!bytes) {
                        reply.error(bytes.error());
                        return;
                    }
                    std::span<const std::byte> data;
                    if (*bytes) {
                        data = std::span(**bytes);
                    }
                    data = data.first(std::min(data.size(), size));
                    if (reply.bytes(data)) {
                        context.counters.bytes_read.fetch_add(data.size(),
                                                              std::memory_order_relaxed);
                    }
                });
}

}  // namespace

void op_read(fuse_req_t request, fuse_ino_t ino, std::size_t size, off_t offset,
             fuse_file_info* info) noexcept {
    run(request, Op::read, [&](Context& context, Reply reply) {
        const tree::Ino inode{ino};
        const auto from = static_cast<std::uint64_t>(offset);
        const std::uint64_t fh = info->fh;
        if (std::shared_ptr<tree::Handle> file = context.files.find(fh, inode)) {
            read_from(context, std::move(reply), std::move(file), from, size);
            return;
        }
        // Opened by a daemon that is gone: the inode says all that is needed.
        context.fs.open(inode, [&context, inode, from, size, fh, reply = std::move(reply)](
                                   Result<std::unique_ptr<tree::Handle>> opened) mutable {
            if (!opened) {
                reply.error(opened.error());
                return;
            }
            if (!(*opened)->direct_io()) {
                context.kept.add(inode);
            }
            read_from(context, std::move(reply), context.files.put(fh, inode, std::move(*opened)),
                      from, size);
        });
    });
}

}  // namespace hubfs::fuse
