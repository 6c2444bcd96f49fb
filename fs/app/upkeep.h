// SPDX-License-Identifier: Apache-2.0
// The work of `hf-mirror verify` and `hf-mirror evict`. Both block; they run on a job's thread.
#pragma once

#include <optional>

#include "fs/app/chosen_files.h"
#include "fs/app/jobs.h"
#include "fs/cache/block_cache.h"

namespace hubfs::app {

// Reads whole contents from the disk and compares them with their hashes: those of the request, or
// all that the cache has. What does not match is dropped and counted as damaged; where the request
// says which file it is, it is fetched anew. Counters: files and bytes that were looked at.
[[nodiscard]] Status verify(meta::Catalog& catalog, cache::BlockCache& cache,
                            const std::optional<FilesRequest>& request, JobRun& run);

// Removes what the cache has of these files, but for those that somebody has open or `pinned` has.
// Contents are
// stored once: another repository with the same file loses it as well, until it is asked for.
// Counters: files looked at, and bytes that were freed.
[[nodiscard]] Status evict(meta::Catalog& catalog, cache::BlockCache& cache,
                           const FilesRequest& request, const cache::ContentSet& pinned,
                           JobRun& run);

}  // namespace hubfs::app
