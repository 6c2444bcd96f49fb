// SPDX-License-Identifier: Apache-2.0
// The work of `hf-mirror prefetch`: every chosen file of a commit is read until it is complete and
// verified. What is here already costs upstream nothing, so a job that was cut is gone on with by
// starting it again. Blocks; runs on a job's thread.
#pragma once

#include "fs/app/chosen_files.h"
#include "fs/app/jobs.h"
#include "fs/cache/block_cache.h"

namespace hubfs::app {

// The job's counters tell about each file; the result, about finding them.
[[nodiscard]] Status prefetch(meta::Catalog& catalog, cache::BlockCache& cache,
                              const FilesRequest& request, JobRun& run);

// These files, whatever the counters were told to expect.
void fetch_files(meta::Catalog& catalog, cache::BlockCache& cache, ChosenFiles chosen, JobRun& run);

}  // namespace hubfs::app
