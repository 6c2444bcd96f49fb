// SPDX-License-Identifier: Apache-2.0
#include "fs/fuse/reply.h"

#include <linux/fuse.h>
#include <sys/uio.h>

#include <atomic>
#include <cerrno>
#include <utility>

#include "fs/base/log.h"
#include "fs/fuse/ops.h"
#include "fs/fuse/to_errno.h"

namespace hubfs::fuse {

// Shared by the owner and libfuse's interrupt call. Whoever sets `answered` first answers.
struct Reply::Pending {
    fuse_req_t request;
    Op op;
    Counters& counters;
    std::atomic<bool> answered{false};
    bool early = false;  // interrupted before the request was ours; touched by one thread only
};

namespace {

// Set while this thread registers its interrupt function. libfuse then calls that function from
// within the registration when the interrupt was first, and goes on to use the request: answering
// there would free it under libfuse's feet.
thread_local bool registering = false;

// fuse_open_out of linux/fuse.h 7.40; Debian 12's has padding where the backing number is.
struct OpenOut {
    std::uint64_t fh = 0;
    std::uint32_t flags = 0;
    std::int32_t backing_id = 0;
};
static_assert(sizeof(OpenOut) == sizeof(fuse_open_out));
constexpr std::uint32_t kOpenNoFlush = 1U << 5;
constexpr std::uint32_t kOpenPassthrough = 1U << 7;

}  // namespace

Reply::Reply(fuse_req_t request, Op op, Counters& counters)
    : pending_(new Pending{request, op, counters}) {
    counters.of(op).requests.fetch_add(1, std::memory_order_relaxed);
    counters.in_flight.fetch_add(1, std::memory_order_relaxed);
    registering = true;
    fuse_req_interrupt_func(request, &Reply::interrupted, pending_.get());
    registering = false;
    if (pending_->early && !pending_->answered.exchange(true)) {
        fuse_req_interrupt_func(request, nullptr, nullptr);
        counters.interrupted.fetch_add(1, std::memory_order_relaxed);
        fuse_reply_err(request, EINTR);
    }
}

Reply::Reply(Reply&&) noexcept = default;

Reply::~Reply() {
    if (!pending_) {
        return;
    }
    const std::string_view name = name_of(pending_->op);
    if (error(EIO)) {
        log::error("fuse_request_unanswered", {{"op", name}});
    }
}

// libfuse holds the request's lock and a reference while this runs; replying here is allowed. The
// counters outlive every request. Nothing of `data` is touched after `answered` is set, since the
// owner may then free it.
void Reply::interrupted(fuse_req_t request, void* data) noexcept {
    auto* pending = static_cast<Pending*>(data);
    if (registering) {
        pending->early = true;
        return;
    }
    Counters& counters = pending->counters;
    if (pending->answered.exchange(true)) {
        return;
    }
    counters.interrupted.fetch_add(1, std::memory_order_relaxed);
    fuse_reply_err(request, EINTR);
}

fuse_req_t Reply::take() {
    const std::unique_ptr<Pending> pending = std::move(pending_);
    if (!pending) {
        return nullptr;
    }
    // An interrupted request counts until its work ends: the session may not go before that.
    pending->counters.in_flight.fetch_sub(1);
    if (pending->answered.exchange(true)) {
        return nullptr;
    }
    // Waits for an interrupt call that is running and keeps later ones away from `pending`.
    fuse_req_interrupt_func(pending->request, nullptr, nullptr);
    return pending->request;
}

bool Reply::error(int errno_value) {
    // Absence is an answer: every `ls -l` asks for attributes that are not there.
    const bool failed = errno_value != 0 && errno_value != ENOENT && errno_value != ENODATA;
    if (failed && pending_) {
        pending_->counters.of(pending_->op).errors.fetch_add(1, std::memory_order_relaxed);
    }
    fuse_req_t request = take();
    return request != nullptr && fuse_reply_err(request, errno_value) == 0;
}

bool Reply::error(const Error& failure) {
    const bool ours = failure.code == Code::corrupt || failure.code == Code::io;
    if (pending_ && failure.code != Code::not_found && failure.code != Code::no_attribute) {
        log::write(ours ? log::Level::warn : log::Level::debug, "fuse_error",
                   {{"op", name_of(pending_->op)},
                    {"code", hubfs::name_of(failure.code)},
                    {"reason", failure.message}});
    }
    return error(to_errno(failure.code));
}

bool Reply::entry(const fuse_entry_param& entry) {
    fuse_req_t request = take();
    return request != nullptr && fuse_reply_entry(request, &entry) == 0;
}

bool Reply::attributes(const struct stat& st, double valid_seconds) {
    fuse_req_t request = take();
    return request != nullptr && fuse_reply_attr(request, &st, valid_seconds) == 0;
}

bool Reply::link(const std::string& target) {
    fuse_req_t request = take();
    return request != nullptr && fuse_reply_readlink(request, target.c_str()) == 0;
}

// The wire format instead of fuse_reply_open(): libfuse 3.14 does not know the backing number, and
// what 3.17 would send for it is these same bytes.
bool Reply::open(const OpenReply& open) {
    OpenOut out{.fh = open.fh, .flags = kOpenNoFlush, .backing_id = open.backing_id};
    out.flags |= open.backing_id != 0 ? kOpenPassthrough : 0;
    out.flags |= open.keep_pages ? FOPEN_KEEP_CACHE : 0;
    out.flags |= open.direct_io ? FOPEN_DIRECT_IO : 0;
    iovec part{.iov_base = &out, .iov_len = sizeof out};
    fuse_req_t request = take();
    return request != nullptr && fuse_reply_iov(request, &part, 1) == 0;
}

bool Reply::open_directory(const fuse_file_info& info) {
    fuse_req_t request = take();
    return request != nullptr && fuse_reply_open(request, &info) == 0;
}

bool Reply::bytes(std::span<const std::byte> bytes) {
    fuse_req_t request = take();
    return request != nullptr &&
           fuse_reply_buf(request, reinterpret_cast<const char*>(bytes.data()), bytes.size()) == 0;
}

bool Reply::xattr_size(std::size_t size_bytes) {
    fuse_req_t request = take();
    return request != nullptr && fuse_reply_xattr(request, size_bytes) == 0;
}

bool Reply::statfs(const struct statvfs& st) {
    fuse_req_t request = take();
    return request != nullptr && fuse_reply_statfs(request, &st) == 0;
}

}  // namespace hubfs::fuse
