// SPDX-License-Identifier: Apache-2.0
// Jobs as the control socket and .status/jobs speak of them:
//   {"op":"prefetch","type":"model","repo":"acme/tiny","revision":"main",
//    "include":["*.json"],"exclude":[],"pin":false} -> {"job":1}   (all but repo may be left out)
//   {"op":"verify", the same}                 -> {"job":2}   (without repo: everything)
//   {"op":"evict", as prefetch}               -> {"job":3}
//   {"op":"export","dir":"/DIR", as prefetch} -> {"job":4}
//   {"op":"import","dir":"/DIR"}              -> {"job":5}
//   {"op":"pins"}                             -> {"pins":[{"type":…,"repo":…,"revision":…,
//                                                 "commit":…,"since":…,"include":[],"exclude":[]}]}
//   {"op":"unpin", type, repo, revision}      -> {"ok":true}
//   {"op":"jobs"}                             -> {"jobs":[…]}
//   {"op":"cancel","job":1}                   -> {"ok":true}
// A job: {"job":1,"kind":"prefetch","what":"models/acme/tiny@main","state":"running","started":…,
// "ended":… (when it has),"files":3,"files_total":20,"files_failed":0,"files_damaged":0,
// "files_repaired":0,"bytes":…,"bytes_total":…,"damaged":["path",…] (some, when there are),
// "error":"…" (when there was one)}; times are RFC 3339.
#pragma once

#include <string>
#include <vector>

#include "fs/app/chosen_files.h"
#include "fs/app/control.h"
#include "fs/app/jobs.h"
#include "fs/cache/block_cache.h"
#include "fs/meta/database.h"

namespace hubfs::app {

[[nodiscard]] std::string jobs_json(const std::vector<JobView>& jobs);

// Which files a line is about; invalid with the reason.
[[nodiscard]] Result<FilesRequest> files_request(std::string_view line);

// All of these must stay until the control socket is closed and the jobs have ended.
struct JobParts {
    Jobs& jobs;
    meta::Catalog& catalog;
    cache::BlockCache& cache;
    meta::Database& database;
    const Clock& clock;
};
void add_job_ops(ControlOps& ops, const JobParts& parts);

}  // namespace hubfs::app
