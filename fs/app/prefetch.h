// SPDX-License-Identifier: Apache-2.0
// The work of `hf-mirror prefetch`: every file of a commit (or those that the patterns choose) is
// read until it is complete and verified. What is here already costs upstream nothing, so a job
// that was cut is gone on with by starting it again. Blocks; runs on a job's thread.
#pragma once

#include <string>
#include <vector>

#include "fs/app/jobs.h"
#include "fs/base/hub_types.h"
#include "fs/cache/block_cache.h"
#include "fs/meta/catalog.h"

namespace hubfs::app {

struct PrefetchRequest {
    RepoKey repo;
    std::string revision = "main";  // branch, tag, refs/pr/1 or a commit
    // Shell patterns over the path as fnmatch(3) reads them without flags ("*" matches "/" too),
    // which is what the Python clients' allow_patterns and ignore_patterns mean; "x/" is "x/*".
    std::vector<std::string> include{};  // empty: everything
    std::vector<std::string> exclude{};
};

// Whether the patterns choose this file. Pure.
[[nodiscard]] bool chosen(const PrefetchRequest& request, const std::string& path);

// The job's counters tell about each file; the result, about finding them. Both must outlive it.
[[nodiscard]] Status prefetch(meta::Catalog& catalog, cache::BlockCache& cache,
                              const PrefetchRequest& request, JobRun& run);

}  // namespace hubfs::app
