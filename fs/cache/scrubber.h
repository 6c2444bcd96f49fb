// SPDX-License-Identifier: Apache-2.0
// Looks whether a complete content is still what it was: reads its file from the disk, past the
// kernel's memory where the filesystem can, and compares the hash. What does not match is dropped,
// so that the next reader fetches it anew. Blocks for as long as the disk takes. Thread-safe.
#pragma once

#include "fs/cache/block_cache.h"

namespace hubfs::cache {

struct Engine;

class Scrubber {
public:
    explicit Scrubber(Engine& engine) : engine_(engine) {}

    // What BlockCache::check() promises.
    [[nodiscard]] Result<bool> check(const Content& content, const GoOn& go_on);

private:
    Engine& engine_;
};

}  // namespace hubfs::cache
