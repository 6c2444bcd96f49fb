// SPDX-License-Identifier: Apache-2.0
// One row of counters per operation. Thread-safe; relaxed, because they are only shown.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace hubfs::fuse {

// The operations that are offered; ops.cpp has the table with their names and functions.
enum class Op : std::uint8_t {
    lookup,
    forget,
    getattr,
    readlink,
    open,
    read,
    release,
    opendir,
    readdir,
    readdirplus,
    releasedir,
    statfs,
    getxattr,
    listxattr,
    write,  // every operation that would change something
};
inline constexpr std::size_t kOps = 15;

class Counters {
public:
    struct Row {
        std::atomic<std::uint64_t> requests{0};
        std::atomic<std::uint64_t> errors{0};  // answered with an errno but ENOENT and ENODATA
    };

    [[nodiscard]] Row& of(Op op) { return rows_[static_cast<std::size_t>(op)]; }
    [[nodiscard]] const Row& of(Op op) const { return rows_[static_cast<std::size_t>(op)]; }

    std::atomic<std::uint64_t> in_flight{0};    // requests whose work has not ended
    std::atomic<std::uint64_t> received{0};     // requests read from the kernel
    std::atomic<std::uint64_t> interrupted{0};  // answered EINTR because the caller was signalled
    std::atomic<std::uint64_t> bytes_read{0};   // content bytes sent to the kernel
    std::atomic<std::uint64_t> passthrough_opens{0};    // read by the kernel without us
    std::atomic<std::uint64_t> passthrough_refused{0};  // verified, and still read through us
    std::atomic<std::uint64_t> notified{0};             // invalidations sent
    std::atomic<std::uint64_t> notify_dropped{0};       // invalidations lost to a full queue

private:
    std::array<Row, kOps> rows_;
};

}  // namespace hubfs::fuse
