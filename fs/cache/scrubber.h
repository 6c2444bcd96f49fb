// SPDX-License-Identifier: Apache-2.0
// Looks whether what is stored of a content is still what it was: reads its blocks from the disk,
// past the kernel's memory where the filesystem can, and compares their checksums, and the hash of
// a complete content, which has the last word. Damaged blocks are dropped, so that the next reader
// fetches them anew; all of it where the checksums do not say which. Blocks without a checksum are
// judged by the whole hash alone: in a content that is not complete they are trusted. Blocks for as
// long as the disk takes. Thread-safe.
#pragma once

#include <optional>

#include "fs/base/fd.h"
#include "fs/cache/block_cache.h"
#include "fs/cache/content_state.h"

namespace hubfs::cache {

struct Engine;

class Scrubber {
public:
    explicit Scrubber(Engine& engine) : engine_(engine) {}

    // What BlockCache::check() promises.
    [[nodiscard]] Result<Checked> check(const Content& content, const GoOn& go_on);

private:
    struct View;
    struct Found;
    [[nodiscard]] std::optional<View> view(const StatePtr& state, const Content& content) const;
    [[nodiscard]] static Result<Found> read(const Fd& file, const View& view,
                                            const Content& content, const GoOn& go_on);
    void learn(const StatePtr& state, const View& view, const Found& found);

    Engine& engine_;
};

}  // namespace hubfs::cache
