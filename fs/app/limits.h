// SPDX-License-Identifier: Apache-2.0
// The daemon's own bounds, with their units and reasons. Values only.
#pragma once

#include <chrono>
#include <cstddef>

namespace hubfs::app {

// Threads that answer for upstream: they parse answers and store them, and may wait for a disk.
inline constexpr std::size_t kPoolThreads = 8;
// Answers waiting for such a thread; more are refused by the catalogue, as "unavailable".
inline constexpr std::size_t kPoolQueueMax = 4096;

// At a stop, requests under way get this long to be answered in the ordinary way.
inline constexpr std::chrono::milliseconds kDrainTime{3000};
// How often the supervisor is told that requests are being read.
inline constexpr std::chrono::milliseconds kBeat{1000};
// What an open waits for the supervisor's answer about passthrough; usually 20 us.
inline constexpr std::chrono::milliseconds kBackingWait{2000};

// The control socket.
inline constexpr std::size_t kControlClientsMax = 16;
inline constexpr std::size_t kControlLineBytesMax = 64U << 10;
inline constexpr std::size_t kControlReplyBytesMax = 4U << 20;
// A client that neither asks nor takes its answer for this long is put out.
inline constexpr std::chrono::seconds kControlIdle{60};

// Jobs that run at a time, and that are remembered after their end.
inline constexpr std::size_t kJobsMax = 8;
inline constexpr std::size_t kJobsKept = 64;
// Damaged files that a job names; all of them are in the log.
inline constexpr std::size_t kDamagedNamed = 20;
// Prefetch: files at a time, and bytes of one read.
inline constexpr std::size_t kPrefetchFiles = 4;
inline constexpr std::size_t kPrefetchReadBytes = std::size_t{1} << 20;
// Patterns of one request, those that choose and those that leave out.
inline constexpr std::size_t kPatternsMax = 1000;
// A file that failed is tried so often in all, after a pause longer than the cache remembers it.
inline constexpr int kPrefetchTries = 3;
inline constexpr std::chrono::milliseconds kPrefetchPause{3000};

// Follows: how many, and jobs of theirs at a time (others of kJobsMax are left to the operator).
inline constexpr std::size_t kFollowsMax = 1000;
inline constexpr std::size_t kFollowJobs = 2;
// A question that upstream answered too late, or a job for which there was no room: so much later.
inline constexpr std::chrono::seconds kFollowAgain{10};
// Between two turns, whatever is due.
inline constexpr std::chrono::milliseconds kFollowPause{100};

// Of an export: a manifest (its patterns came over the control socket), and a listing of a tree,
// about 250 bytes a file.
inline constexpr std::size_t kManifestBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kTreeBytesMax = std::size_t{512} << 20;

// A token in a file: the Hub's have 37 characters.
inline constexpr std::size_t kTokenBytesMax = 4096;

}  // namespace hubfs::app
