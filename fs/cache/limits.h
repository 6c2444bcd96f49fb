// SPDX-License-Identifier: Apache-2.0
// Every bound of the block cache that is not an option, with its unit. The options are CacheConfig.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hubfs::cache {

inline constexpr std::uint64_t kKiB = 1024;
inline constexpr std::uint64_t kMiB = 1024 * kKiB;

// Contents and blocks. A size comes from an untrusted listing and decides the size of two bitmaps:
// 16 TiB in blocks of 1 MiB are 2 MiB of memory each.
inline constexpr std::uint64_t kContentMaxBytes = 16ULL << 40;
inline constexpr std::uint64_t kBlocksMax = 1ULL << 26;
inline constexpr std::uint32_t kBlockMinBytes = 4096;
inline constexpr std::uint32_t kBlockMaxBytes = 64U << 20;

// Transfers. A running transfer is not interrupted for a more urgent one, so its range is bounded.
inline constexpr std::uint64_t kRangeMaxBytes = 8 * kMiB;
inline constexpr std::size_t kLocationsMax = 8;    // known per content
inline constexpr std::size_t kFailuresMax = 64;    // remembered per content
inline constexpr std::size_t kWaitersMax = 65536;  // parked reads of the whole cache
// What a reader waits beyond upstream's own deadline (design 3: deadline + 5 s).
inline constexpr std::chrono::seconds kWaitGrace{5};
// How often parked reads are looked at for their deadline.
inline constexpr std::chrono::milliseconds kExpiryTick{100};
// How long closing waits for the source to acknowledge cancelled transfers.
inline constexpr std::chrono::seconds kCloseWait{30};

// Threads. Answers wait for the disk only; hashing is bound by the processor.
inline constexpr std::size_t kAnswerThreads = 4;
inline constexpr std::size_t kAnswerQueueMax = 2 * kWaitersMax;
inline constexpr std::size_t kHashThreads = 2;
inline constexpr std::size_t kHashQueueMax = 65536;
inline constexpr std::uint64_t kHashSliceBytes = 16 * kMiB;  // then another content has its turn

// Memory. Contents nobody uses stay resident up to this number.
inline constexpr std::size_t kResidentMax = 4096;
// Blocks that could not be stored stay for the next small read as long as all of them are below
// the first bound; then each content keeps a few; above twice the bound only what is waited for.
inline constexpr std::uint64_t kMemoryMaxBytes = 64 * kMiB;
inline constexpr std::size_t kMemoryBlocksKept = 4;

// Disk.
inline constexpr std::chrono::milliseconds kCommitInterval{1000};
inline constexpr std::chrono::seconds kTouchInterval{600};  // uses that count are this far apart
inline constexpr std::size_t kChangesPerCommit = 4096;
inline constexpr std::size_t kEvictBatch = 64;  // contents that cannot be opened meanwhile
inline constexpr std::size_t kDirsMax = 64;
inline constexpr std::uint64_t kLowMarkPercent = 95;  // eviction goes down to this share
// Which contents leave (docs/decisions/0005-eviction.md). Turns are the quota's worth of bytes.
inline constexpr int kHalfLifeTurns = 4;                // after which a use is worth half
inline constexpr int kLeftTurns = 1;                    // for which what left is remembered
inline constexpr std::uint64_t kMissBytes = 16 * kMiB;  // what a miss costs besides the content
// Files without a record, after the store was lost: read in pieces of this size, recorded together.
inline constexpr std::size_t kAdoptReadBytes = 1 * kMiB;
inline constexpr std::size_t kAdoptBatch = 256;
inline constexpr std::chrono::seconds kAdoptTell{5};  // between lines of the log
// A scrub's reads: O_DIRECT wants addresses and sizes of whole sectors, 4 KiB at most.
inline constexpr std::size_t kScrubReadBytes = 1 * kMiB;
inline constexpr std::size_t kScrubAlignment = 4096;
// Looks at one content when others mend it meanwhile.
inline constexpr int kScrubTries = 3;
// A content from elsewhere is copied in pieces of this size.
inline constexpr std::size_t kTakeReadBytes = 1 * kMiB;
// Above the quota by this much, or by the share between the marks, nothing more is stored until
// eviction has caught up.
inline constexpr std::uint64_t kOvershootBytes = 64 * kMiB;

}  // namespace hubfs::cache
