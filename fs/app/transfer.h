// SPDX-License-Identifier: Apache-2.0
// The work of `hf-mirror export` and `hf-mirror import`: contents and trees to a directory and from
// one (export_dir.h). Both block; they run on a job's thread. hubfs itself opens the directory, so
// that the work is a job like others; the operator gives it one that hubfs's user can use.
#pragma once

#include <string>

#include "fs/app/chosen_files.h"
#include "fs/app/jobs.h"
#include "fs/cache/block_cache.h"
#include "fs/meta/database.h"

namespace hubfs::app {

// Writes the chosen files of one commit, fetched where they are not here, each hashed while it is
// written, and then its tree and its manifest. What is there with the right hash is left, so that
// started again it goes on. Where a file failed no manifest is written.
[[nodiscard]] Status export_commit(meta::Catalog& catalog, cache::BlockCache& cache,
                                   const FilesRequest& request, const std::string& dir,
                                   JobRun& run);

// Takes in every commit that the directory has a manifest of: what its files are named by is
// checked, each that is wrong is told by its name, and the others and the tree are taken in. What
// is here already is not read.
[[nodiscard]] Status import_dir(meta::Database& database, cache::BlockCache& cache,
                                const Clock& clock, const std::string& dir, JobRun& run);

}  // namespace hubfs::app
