// SPDX-License-Identifier: Apache-2.0
// The supervisor's bounds, with their units and reasons. Values only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hubfs::supervisor {

// From the start of a daemon to its "ready": it may have to check a large store after a crash.
inline constexpr std::chrono::seconds kReadyDeadline{120};
// From the stop to the daemon's exit: it drains requests and writes what is durable.
inline constexpr std::chrono::seconds kStopDeadline{15};
// The first look at the mount, by a child of its own.
inline constexpr std::chrono::seconds kProbeDeadline{20};
// Helpers (fusermount3) and the kernel's INIT.
inline constexpr std::chrono::seconds kHelperDeadline{10};
// How long a lock may be held by a process that is dying.
inline constexpr std::chrono::seconds kLockPatience{5};
// Requests wait and the daemon reads none, or it says nothing: after this long it hangs and is
// killed. Above every ordinary stall of a disk, far below the kernel's request timeout.
inline constexpr std::chrono::seconds kHangDeadline{30};
// How often the descriptor is looked at, and from when on we did not look because we were stopped.
inline constexpr std::chrono::seconds kTick{1};
inline constexpr std::chrono::seconds kOverslept{5};
// A daemon that dies by itself sooner than this after it was ready has served nobody; so many of
// them in a row, or so many deaths of any kind within the window: the daemon cannot run here.
inline constexpr std::chrono::milliseconds kServedMin{100};
inline constexpr std::size_t kShortLivesMax = 10;
inline constexpr std::size_t kDeathsMax = 200;
inline constexpr std::chrono::seconds kDeathsWindow{60};

// What the kernel is told in INIT.
inline constexpr std::uint16_t kMaxBackground = 128;        // requests; also gates read-ahead
inline constexpr std::uint16_t kCongestion = 96;            // requests
inline constexpr std::uint32_t kMaxWriteBytes = 32U << 10;  // nothing is written; bounds buffers
inline constexpr std::uint16_t kMaxPages = 256;             // a READ of 1 MiB
inline constexpr std::uint32_t kReadBytesMax = 1U << 20;    // the same, as a mount option
// How many filesystems may be stacked below a file that is passed through: 1 is an ordinary one.
// With 2 (the kernel's most) the mount itself could not be a layer of an overlay any more.
inline constexpr std::uint32_t kStackDepth = 1;
inline constexpr std::uint16_t kRequestTimeoutSeconds = 180;  // then the kernel ends the connection

}  // namespace hubfs::supervisor
