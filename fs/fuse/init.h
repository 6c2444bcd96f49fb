// SPDX-License-Identifier: Apache-2.0
// The INIT request that libfuse is given. The supervisor has answered the kernel's own; this one
// tells the library what was granted there, so that it never waits for INIT and never believes in
// more. Pure; knows the wire format (linux/fuse.h, FUSE 7.31), not libfuse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hubfs::fuse {

// What the supervisor agreed with the kernel.
struct Granted {
    std::uint32_t flags = 0;          // of fuse_init_out, without FUSE_INIT_EXT
    std::uint32_t max_readahead = 0;  // bytes
    bool resend = false;              // the kernel knows FUSE_NOTIFY_RESEND
};

// The kernel numbers requests from 2 upwards in steps of 2; a resent one carries the top bit. This
// number is neither.
inline constexpr std::uint64_t kInitUnique = (1ULL << 63) | 1;

[[nodiscard]] std::vector<std::byte> synthetic_init(const Granted& granted);

// FUSE_NOTIFY_RESEND (linux/fuse.h 7.39): deliver again what the daemon before us held.
[[nodiscard]] std::vector<std::byte> resend_notification();

}  // namespace hubfs::fuse
