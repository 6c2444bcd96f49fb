// SPDX-License-Identifier: Apache-2.0
// A FUSE request's answer, given exactly once. Move-only; moves with the request from the worker
// to whoever finds the answer. Destroyed unanswered it answers EIO and logs, so that no caller
// waits for ever. When the kernel says that the caller was signalled (FUSE_INTERRUPT), EINTR is
// answered at once and the later answer goes nowhere; the work behind it goes on.
//
// Threads: one owner at a time; the interrupt comes from any worker and races safely.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "fs/base/result.h"
#include "fs/fuse/counters.h"
#include "fs/fuse/libfuse.h"

namespace hubfs::fuse {

// How an open file is read.
struct OpenReply {
    std::uint64_t fh = 0;
    std::int32_t backing_id = 0;  // not 0: by the kernel itself, and the two below are false
    bool keep_pages = false;      // pages from before this open stay good
    bool direct_io = false;       // no pages at all
};

class Reply {
public:
    Reply(fuse_req_t request, Op op, Counters& counters);
    ~Reply();
    Reply(Reply&&) noexcept;
    Reply& operator=(Reply&&) = delete;

    // Each ends the reply. True when the kernel took the answer: false after an interrupt, or when
    // the caller has gone; an open file made for it must then be dropped, no RELEASE will come.
    bool error(int errno_value);
    bool error(const Error& error);
    bool entry(const fuse_entry_param& entry);
    bool attributes(const struct stat& st, double valid_seconds);
    bool link(const std::string& target);
    bool open(const OpenReply& open);  // a regular file
    bool open_directory(const fuse_file_info& info);
    bool bytes(std::span<const std::byte> bytes);
    bool xattr_size(std::size_t size_bytes);
    bool statfs(const struct statvfs& st);
    bool ok() { return error(0); }

private:
    struct Pending;
    // The request, when it is ours to answer.
    fuse_req_t take();
    static void interrupted(fuse_req_t request, void* data) noexcept;

    std::unique_ptr<Pending> pending_;
};

}  // namespace hubfs::fuse
