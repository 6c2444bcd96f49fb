// SPDX-License-Identifier: Apache-2.0
// Where contents are in the trees that are known: contents do not know their files, so this reads
// every entry of the store, in short transactions. For rare work (after damage): about a second for
// each million entries. Thread-safe; blocks.
#pragma once

#include <functional>
#include <unordered_map>
#include <vector>

#include "fs/base/hub_types.h"
#include "fs/base/result.h"

namespace hubfs::meta {

class Database;

using Places = std::unordered_map<ContentHash, ContentLocation, ContentHashHasher>;

// One file for each of these contents that some known commit has; no particular one. Which of the
// repositories are still public is not asked. `go_on` is asked now and then: false, and the result
// is Code::cancelled.
[[nodiscard]] Result<Places> find_places(const Database& database,
                                         const std::vector<ContentHash>& contents,
                                         const std::function<bool()>& go_on);

}  // namespace hubfs::meta
