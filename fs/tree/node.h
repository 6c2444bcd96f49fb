// SPDX-License-Identifier: Apache-2.0
// What the parts of this folder hand each other: the stores they ask, and what a name was found to
// be. Values; copies are cheap enough to live in callbacks.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "fs/base/clock.h"
#include "fs/cache/block_cache.h"
#include "fs/meta/catalog.h"
#include "fs/tree/filesystem.h"
#include "fs/tree/limits.h"

namespace hubfs::tree {

class StatusDir;

// Callbacks hold a copy, never the Filesystem, so only these must outlive them.
struct Context {
    meta::Catalog& catalog;
    cache::BlockCache& cache;
    const Clock& clock;
    Instant mounted_at;
    std::shared_ptr<const StatusDir> status;
};

struct Node {
    Attributes attributes;
    Milliseconds valid{0};                           // of the name
    std::string link;                                // symlinks: the target
    std::optional<meta::CommitView> commit;          // commit directories and .trees files
    std::shared_ptr<const meta::Document> document;  // .api files
    std::optional<meta::RepoView> repo;              // repository directories
};

}  // namespace hubfs::tree
