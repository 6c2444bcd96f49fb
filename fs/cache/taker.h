// SPDX-License-Identifier: Apache-2.0
// Takes a whole content from a file that is not the cache's: copies it beside its place, hashes
// what it copies, and only then gives it its name and its record, verified. Until then readers of
// the content see nothing of it; after a crash the copy is swept or, with its name, adopted.
// Knows nothing of where the file came from. Blocks on disks. Thread-safe.
#pragma once

#include "fs/cache/block_cache.h"

namespace hubfs::cache {

class CacheDir;
struct Engine;

class Taker {
public:
    explicit Taker(Engine& engine) : engine_(engine) {}

    // What BlockCache::take() promises, for a content with bytes that is not here as a whole.
    [[nodiscard]] Result<bool> take(const Content& content, const Fd& file, const GoOn& go_on);

private:
    // With the content's copy beside its place, and the content to itself.
    [[nodiscard]] Result<bool> record(const Content& content, const CacheDir& dir);

    Engine& engine_;
};

}  // namespace hubfs::cache
