// SPDX-License-Identifier: Apache-2.0
// GETXATTR and LISTXATTR. A size of 0 asks how long the answer would be (getxattr(2)); ERANGE says
// that the caller's buffer is too small.
#include <algorithm>
#include <cerrno>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fs/fuse/context.h"
#include "fs/fuse/limits.h"

namespace hubfs::fuse {

namespace {

void answer(Reply reply, std::string_view value, std::size_t size) {
    if (size == 0) {
        reply.xattr_size(value.size());
    } else if (value.size() > size) {
        reply.error(ERANGE);
    } else {
        reply.bytes(std::as_bytes(std::span(value)));
    }
}

// Names, each ended by NUL. What the kernel cannot take is left out (it would fail with E2BIG);
// every attribute can still be asked for by name.
std::string joined(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) {
        if (list.size() + name.size() + 1 > kXattrBytesMax) {
            break;
        }
        list.append(name).push_back('\0');
    }
    return list;
}

}  // namespace

void op_getxattr(fuse_req_t request, fuse_ino_t ino, const char* name, std::size_t size) noexcept {
    run(request, Op::getxattr, [&](Context& context, Reply reply) {
        // ls and the kernel ask every file for security.* and system.*; there are none.
        if (!std::string_view(name).starts_with("user.")) {
            reply.error(ENODATA);
            return;
        }
        context.fs.get_xattr(tree::Ino{ino}, name,
                             [size, reply = std::move(reply)](Result<std::string> value) mutable {
                                 if (!value) {
                                     reply.error(value.error());
                                     return;
                                 }
                                 answer(std::move(reply), *value, size);
                             });
    });
}

void op_listxattr(fuse_req_t request, fuse_ino_t ino, std::size_t size) noexcept {
    run(request, Op::listxattr, [&](Context& context, Reply reply) {
        context.fs.list_xattr(tree::Ino{ino}, [size, reply = std::move(reply)](
                                                  Result<std::vector<std::string>> names) mutable {
            if (!names) {
                reply.error(names.error());
                return;
            }
            answer(std::move(reply), joined(*names), size);
        });
    });
}

}  // namespace hubfs::fuse
