// SPDX-License-Identifier: Apache-2.0
// The number (`unique`) of the request that this worker is handling, which libfuse 3.14 does not
// tell. Valid on the worker's thread until the operation returns; a callback must have copied it.
#pragma once

#include <cstdint>

namespace hubfs::fuse {

// Set by the kernel on a request that it delivers again (linux/fuse.h 7.39, FUSE_UNIQUE_RESEND).
inline constexpr std::uint64_t kResentBit = 1ULL << 63;

// Without kResentBit, so it is the same in both daemons that see the request.
inline thread_local std::uint64_t request_number = 0;

}  // namespace hubfs::fuse
