// SPDX-License-Identifier: Apache-2.0
// Every bound of fs/meta, with its unit. Lifetimes that an operator sets are in CatalogConfig.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hubfs::meta {

// Nobody makes upstream be asked more often than this for one reference.
inline constexpr std::chrono::seconds kRenewedAge{1};

// --- the store -----------------------------------------------------------------------------------
inline constexpr std::size_t kWritesPerGroupMax = 1024;  // closures in one transaction
inline constexpr std::size_t kWritesQueuedMax = 65536;   // closures waiting; then callers wait
inline constexpr unsigned kMapGrowthsPerGroupMax = 16;   // each at most doubles the map
inline constexpr std::uint64_t kMapStepMaxBytes = 64ULL << 30;
inline constexpr std::chrono::hours kReaderCheckEvery{1};
inline constexpr std::size_t kKeyMaxBytes = 511;  // LMDB's own limit as Debian builds it

// --- names and numbers ---------------------------------------------------------------------------
inline constexpr std::size_t kRefNameMaxBytes = 400;  // with the repository's number it is a key
inline constexpr std::size_t kTargetMaxBytes = 8192;  // of an API request
inline constexpr std::size_t kInternedKeyMaxBytes = 400;  // longer paths are keyed by their SHA-256
inline constexpr std::size_t kInternedPathMaxBytes = 16384;
inline constexpr std::uint64_t kInternBatch = 4096;      // numbers reserved by one durable write
inline constexpr std::uint64_t kInternFirst = 16;        // below: the root and what may come
inline constexpr std::uint64_t kInternEnd = 1ULL << 61;  // fs/tree/inode.h: three bits are a kind
inline constexpr std::size_t kInternedInMemoryMax = 131072;
inline constexpr std::uint32_t kVersionMax = (1U << 29) - 1;  // of documents; fs/tree/inode.h

// --- trees ---------------------------------------------------------------------------------------
inline constexpr std::size_t kTreePagesMax = 20000;
inline constexpr std::size_t kTreeEntriesMax = 4'000'000;  // synthesised directories included
inline constexpr std::size_t kTreePathMaxBytes = 4096;
inline constexpr std::size_t kEntriesPerWrite = 16384;  // a chunk: keeps other writers moving
inline constexpr std::size_t kTreePageMaxBytes = 64U << 20;
// Repositories remembered for one content (.gitattributes is in nearly all).
inline constexpr std::size_t kLocationsMax = 16;

// --- questions to upstream -----------------------------------------------------------------------
inline constexpr std::size_t kFlightsMax = 8192;    // different questions under way
inline constexpr std::size_t kWaitersMax = 262144;  // callers waiting for them
// A failed question is not asked again for this long: who asks gets the old answer, or the failure.
inline constexpr std::chrono::milliseconds kFailureMemory{2000};
inline constexpr std::size_t kFailuresMax = 8192;
inline constexpr std::size_t kLastErrorsMax = 8192;  // repositories whose last error is kept
inline constexpr std::size_t kRefusedCommitsMax = 8192;
inline constexpr std::chrono::milliseconds kPoolRetry{20};  // the pool's queue was full

// --- documents -----------------------------------------------------------------------------------
inline constexpr std::size_t kDocumentMaxBytes = 64U << 20;
inline constexpr std::size_t kDocumentMemoryBytes = 32U << 20;  // bodies read lately
inline constexpr std::uint64_t kDocumentOverheadBytes =
    512;                                                   // charged per version besides its text
inline constexpr std::uint32_t kDocumentVersionsKept = 4;  // the current one included
inline constexpr std::size_t kEvictionsPerWrite = 256;
inline constexpr std::chrono::minutes kUseGranularity{5};  // last use is written this rarely

// --- changes -------------------------------------------------------------------------------------
inline constexpr std::size_t kChangesShownMax = 1000;    // lines of .status/changes
inline constexpr std::uint64_t kChangesKeptMax = 10000;  // rows

}  // namespace hubfs::meta
