// SPDX-License-Identifier: Apache-2.0
// Every limit and lifetime of this folder, with its unit. The lifetimes are what the kernel is
// told; validity.h says which name or attribute gets which.
#pragma once

#include <chrono>
#include <cstddef>

#include "fs/base/clock.h"

namespace hubfs::tree {

using Milliseconds = std::chrono::milliseconds;

// Longest name of a directory entry, bytes (NAME_MAX).
inline constexpr std::size_t kNameMax = 255;
// Longest path that is given an inode number, bytes: .api paths are the long ones.
inline constexpr std::size_t kPathMax = 16384;
// Held ranges named by user.hub.cached.
inline constexpr std::size_t kCachedRangesMax = 64;
// References named by listxattr on a repository.
inline constexpr std::size_t kListedRefsMax = 100;
// Longest name of an extended attribute, bytes (XATTR_NAME_MAX).
inline constexpr std::size_t kXattrNameMax = 255;
// References of one repository whose lifetimes a listing passes on; the rest is looked up again.
inline constexpr std::size_t kKnownRefsMax = 10'000;

// Contents that a directory of .blobs lists: about a second of work.
inline constexpr std::size_t kListedBlobsMax = 65'536;
// A search for a public repository of a content asks no further one after this.
inline constexpr std::chrono::seconds kBlobSearchMax{5};
// The mtime of contents in .blobs, which have none: the same on every node, and not 0, which some
// programs take for "unknown".
inline constexpr Instant kBlobDate{std::chrono::seconds(1)};

// Nothing below a commit ever changes: as good as for ever, yet finite.
inline constexpr Milliseconds kForever = std::chrono::hours(24);
// st_blocks of a file that is not complete grows while it is fetched.
inline constexpr Milliseconds kIncompleteValid = std::chrono::seconds(1);
// A repository or revision that is absent. The catalogue remembers for `freshness.absent`; the
// kernel adds no more than this.
inline constexpr Milliseconds kAbsentValid = std::chrono::seconds(1);
// A name no version of this program's grammar gives a meaning: short enough for an upgrade.
inline constexpr Milliseconds kMeaninglessValid = std::chrono::minutes(1);
// A namespace with repositories in use here; it could only stop being one by a withdrawal.
inline constexpr Milliseconds kNamespaceValid = std::chrono::minutes(1);
// A name that is taken for a namespace although upstream could not be asked, or said "no such
// repository": the next lookup may know better.
inline constexpr Milliseconds kGuessValid = std::chrono::seconds(1);

}  // namespace hubfs::tree
