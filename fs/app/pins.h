// SPDX-License-Identifier: Apache-2.0
// Pins as the daemon uses them: which contents eviction leaves alone. Thread-safe.
#pragma once

#include "fs/app/chosen_files.h"
#include "fs/cache/block_cache.h"
#include "fs/meta/database.h"
#include "fs/meta/pin_table.h"

namespace hubfs::app {

// The pin that holds these files; `since` is now.
[[nodiscard]] meta::Pin pin_for(const ChosenFiles& chosen, const FilesRequest& request,
                                Instant since);

// Every content of every pin and of every follow. Walks their trees in the store: call it where
// that may take a while. Asks the store itself, because the cache outlives the catalogue. One that
// cannot be read is logged and left out.
[[nodiscard]] cache::ContentSet pinned_contents(meta::Database& database);

}  // namespace hubfs::app
