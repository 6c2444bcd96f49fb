// SPDX-License-Identifier: Apache-2.0
// The work of `hf-mirror prefetch`: every chosen file of a commit is read until it is complete and
// verified. What is here already costs upstream nothing, so a job that was cut is gone on with by
// starting it again. Blocks; runs on a job's thread.
#pragma once

#include <functional>

#include "fs/app/chosen_files.h"
#include "fs/app/jobs.h"
#include "fs/cache/block_cache.h"

namespace hubfs::app {

// The job's counters tell about each file; the result, about finding them. `chosen` hears of the
// files before the first is fetched; its failure ends the job. May be null.
[[nodiscard]] Status prefetch(meta::Catalog& catalog, cache::BlockCache& cache,
                              const FilesRequest& request,
                              const std::function<Status(const ChosenFiles&)>& chosen, JobRun& run);

// These files, whatever the counters were told to expect.
void fetch_files(meta::Catalog& catalog, cache::BlockCache& cache, ChosenFiles chosen, JobRun& run);

}  // namespace hubfs::app
