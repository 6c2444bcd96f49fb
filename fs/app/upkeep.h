// SPDX-License-Identifier: Apache-2.0
// The work of `hf-mirror verify` and `hf-mirror evict`. Both block; they run on a job's thread.
#pragma once

#include <optional>

#include "fs/app/chosen_files.h"
#include "fs/app/jobs.h"
#include "fs/cache/block_cache.h"

namespace hubfs::app {

// Reads from the disk what the cache has, of the files of the request or of all, and compares it
// with the checksums of its blocks and the hashes of whole files. Damaged blocks are dropped and
// their file is counted; then they are fetched anew and the file is counted as repaired. Without a
// request that takes a known commit which has such a file; else it waits for a reader. Counters:
// files and bytes that were looked at, or fetched anew.
[[nodiscard]] Status verify(meta::Catalog& catalog, cache::BlockCache& cache,
                            const std::optional<FilesRequest>& request, JobRun& run);

// Removes what the cache has of these files, but for those that somebody has open or `pinned` has.
// Contents are stored once: another repository with the same file loses it as well, until it is
// asked for.
// Counters: files looked at, and bytes that were freed.
[[nodiscard]] Status evict(meta::Catalog& catalog, cache::BlockCache& cache,
                           const FilesRequest& request, const cache::ContentSet& pinned,
                           JobRun& run);

}  // namespace hubfs::app
