// SPDX-License-Identifier: Apache-2.0
// The table of operations. Each op_*.cpp translates one of them between libfuse and fs/tree; none
// decides anything. Workers call them; an operation answers on its thread when the answer is
// local, else the Reply moves into the callback and the worker reads the next request.
#pragma once

#include <string_view>

#include "fs/fuse/counters.h"
#include "fs/fuse/libfuse.h"

namespace hubfs::fuse {

[[nodiscard]] std::string_view name_of(Op op);

// What is left out is answered ENOSYS by libfuse, once, and not asked again: access (the kernel
// checks the modes: default_permissions), flush, fsync, lseek (holes must not show), locks (kept
// by the kernel), bmap, poll, ioctl.
[[nodiscard]] fuse_lowlevel_ops operations();

void op_lookup(fuse_req_t request, fuse_ino_t parent, const char* name) noexcept;
void op_forget(fuse_req_t request, fuse_ino_t ino, std::uint64_t count) noexcept;
void op_forget_multi(fuse_req_t request, std::size_t count, fuse_forget_data* forgets) noexcept;
void op_getattr(fuse_req_t request, fuse_ino_t ino, fuse_file_info* info) noexcept;
void op_readlink(fuse_req_t request, fuse_ino_t ino) noexcept;
void op_open(fuse_req_t request, fuse_ino_t ino, fuse_file_info* info) noexcept;
void op_read(fuse_req_t request, fuse_ino_t ino, std::size_t size, off_t offset,
             fuse_file_info* info) noexcept;
void op_release(fuse_req_t request, fuse_ino_t ino, fuse_file_info* info) noexcept;
void op_opendir(fuse_req_t request, fuse_ino_t ino, fuse_file_info* info) noexcept;
void op_readdir(fuse_req_t request, fuse_ino_t ino, std::size_t size, off_t offset,
                fuse_file_info* info) noexcept;
void op_readdirplus(fuse_req_t request, fuse_ino_t ino, std::size_t size, off_t offset,
                    fuse_file_info* info) noexcept;
void op_releasedir(fuse_req_t request, fuse_ino_t ino, fuse_file_info* info) noexcept;
void op_statfs(fuse_req_t request, fuse_ino_t ino) noexcept;
void op_getxattr(fuse_req_t request, fuse_ino_t ino, const char* name, std::size_t size) noexcept;
void op_listxattr(fuse_req_t request, fuse_ino_t ino, std::size_t size) noexcept;

}  // namespace hubfs::fuse
