// SPDX-License-Identifier: Apache-2.0
#include "fs/app/upkeep.h"

#include <utility>

#include "fs/app/prefetch.h"

namespace hubfs::app {

namespace {

// Those that were damaged are left; the others are counted and go.
Status check_files(cache::BlockCache& cache, std::vector<ChosenFile>& files, JobRun& run) {
    std::vector<ChosenFile> damaged;
    for (ChosenFile& file : files) {
        const auto good = cache.check(file.content, [&run] { return !run.cancelled(); });
        if (!good && good.error().code == Code::cancelled) {
            return std::unexpected(good.error());
        }
        if (good && !*good) {
            run.damaged(file.path);
            damaged.push_back(std::move(file));
        } else {
            run.advance(1, good ? file.content.size_bytes : 0);  // else it was evicted meanwhile
        }
    }
    files = std::move(damaged);
    return {};
}

}  // namespace

Status verify(meta::Catalog& catalog, cache::BlockCache& cache,
              const std::optional<FilesRequest>& request, JobRun& run) {
    ChosenFiles chosen;
    if (request) {
        auto found = choose_files(catalog, *request);
        if (!found) {
            return std::unexpected(std::move(found.error()));
        }
        chosen = std::move(*found);
        std::erase_if(chosen.files, [&](const ChosenFile& file) {
            return file.content.size_bytes == 0 || !cache.verified(file.content);
        });
    } else {
        if (Status recorded = cache.flush(); !recorded) {
            return recorded;
        }
        auto contents = cache.whole_contents();
        if (!contents) {
            return std::unexpected(std::move(contents.error()));
        }
        for (const Content& content : *contents) {
            chosen.files.push_back({content.hash.hex(), content});
        }
    }
    run.expect(chosen.files.size(), chosen.bytes());
    if (Status checked = check_files(cache, chosen.files, run); !checked) {
        return checked;
    }
    if (request) {
        fetch_files(catalog, cache, std::move(chosen), run);
    } else {
        run.advance(chosen.files.size(), chosen.bytes());  // fetched when somebody asks for it
    }
    return {};
}

Status evict(meta::Catalog& catalog, cache::BlockCache& cache, const FilesRequest& request,
             const cache::ContentSet& pinned, JobRun& run) {
    const auto chosen = choose_files(catalog, request);
    if (!chosen) {
        return std::unexpected(chosen.error());
    }
    // What has just come is held until it is recorded.
    if (Status recorded = cache.flush(); !recorded) {
        return recorded;
    }
    std::uint64_t cached = 0;
    for (const ChosenFile& file : chosen->files) {
        cached += cache.cached_bytes(file.content);
    }
    run.expect(chosen->files.size(), cached);
    for (const ChosenFile& file : chosen->files) {
        if (run.cancelled()) {
            return fail(Code::cancelled, "cancelled");
        }
        run.advance(1, pinned.contains(file.content.hash) ? 0 : cache.evict(file.content));
    }
    return {};
}

}  // namespace hubfs::app
