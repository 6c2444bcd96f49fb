// SPDX-License-Identifier: Apache-2.0
// The bounds of the kernel side, with their units and reasons. Values only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hubfs::fuse {

// Threads that read requests. None of them waits for the network; they may wait for a disk.
inline constexpr std::size_t kWorkers = 16;
// One request at most: a name or attribute (4096 bytes) with headers, or a batch of FORGETs. The
// kernel wants 8192 and more than max_write, which the supervisor sets below this.
inline constexpr std::size_t kRequestBytes = 64U << 10;
// The largest READ: 256 pages. The same number stands in the mount options.
inline constexpr std::uint32_t kReadBytesMax = 1U << 20;
// The largest READDIR answer we build, whatever the kernel asks for.
inline constexpr std::size_t kListingBytesMax = 256U << 10;
// The kernel takes at most this much of an attribute or of a list of names (XATTR_SIZE_MAX).
inline constexpr std::size_t kXattrBytesMax = 64U << 10;
// Invalidations waiting for the notifier thread; more are dropped and counted.
inline constexpr std::size_t kNotificationsMax = 64U << 10;
// Inodes remembered because the kernel may hold pages of them; twice as many at most.
inline constexpr std::size_t kKeptInodesMax = 64U << 10;
// The kernel's limits of names, as statfs reports it: names are components of Hub paths.
inline constexpr unsigned long kNameBytesMax = 255;
// A worker that does not leave its read() is signalled again after this.
inline constexpr std::chrono::milliseconds kWakeInterval{20};

}  // namespace hubfs::fuse
