// SPDX-License-Identifier: Apache-2.0
#include "fs/app/upkeep.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "fs/app/prefetch.h"

namespace hubfs::app {

namespace {

std::uint64_t bytes_of(const std::vector<ByteRange>& ranges) {
    std::uint64_t bytes = 0;
    for (const ByteRange range : ranges) {
        bytes += range.size();
    }
    return bytes;
}

// Those that were damaged are left, with the bytes that were dropped; the others are counted and
// go.
Status check_files(cache::BlockCache& cache, std::vector<ChosenFile>& files, JobRun& run) {
    std::vector<ChosenFile> damaged;
    for (ChosenFile& file : files) {
        auto checked = cache.check(file.content, [&run] { return !run.cancelled(); });
        if (!checked && checked.error().code == Code::cancelled) {
            return std::unexpected(checked.error());
        }
        if (!checked && checked.error().code != Code::not_found) {
            run.failed_file(file.path, checked.error());
        } else if (!checked || checked->good()) {
            run.advance(1, checked ? checked->bytes : 0);  // else it was evicted meanwhile
        } else {
            run.damaged(file.path);
            file.ranges = std::move(checked->damaged);
            run.advance(0, checked->bytes - bytes_of(file.ranges));
            damaged.push_back(std::move(file));
        }
    }
    files = std::move(damaged);
    return {};
}

// Fetches what was dropped. A file is repaired when it is here again, whole if it was whole.
void repair(meta::Catalog& catalog, cache::BlockCache& cache, ChosenFiles damaged, JobRun& run) {
    fetch_files(catalog, cache, damaged, run);
    for (const ChosenFile& file : damaged.files) {
        const bool here = std::ranges::all_of(
            file.ranges, [&](const ByteRange range) { return cache.held(file.content, range); });
        if (here) {
            run.repaired(file.path);
        }
    }
}

// A public place of a content, as far as it is known.
std::optional<meta::LocatedEntry> public_place(const meta::Catalog& catalog,
                                               const ContentHash& hash) {
    const auto places = catalog.locations(hash);
    if (!places) {
        return std::nullopt;
    }
    const auto found = std::ranges::find_if(*places, [&](const meta::LocatedEntry& place) {
        const auto known = catalog.known_repo(place.commit.repo);
        return known && known->state == hub::RepoState::open;
    });
    return found == places->end() ? std::nullopt : std::optional(*found);
}

// The same of contents whose files are not known: where they are is looked up. What no public
// repository has, as far as that is known, is fetched when somebody asks for it.
void repair_anywhere(meta::Catalog& catalog, cache::BlockCache& cache,
                     std::vector<ChosenFile>& damaged, JobRun& run) {
    for (ChosenFile& file : damaged) {
        const auto place = public_place(catalog, file.content.hash);
        if (!place || run.cancelled()) {
            run.advance(1, bytes_of(file.ranges));
            continue;
        }
        file.path = place->entry.entry.path;
        repair(catalog, cache, {place->commit.repo, place->commit.id, 0, {std::move(file)}}, run);
    }
}

// What the cache has of these files, and all of it.
std::uint64_t held_of(cache::BlockCache& cache, std::vector<ChosenFile>& files) {
    std::uint64_t all = 0;
    std::erase_if(files, [&](const ChosenFile& file) {
        const std::uint64_t held =
            file.content.size_bytes > 0 ? cache.cached_bytes(file.content) : 0;
        all += held;
        return held == 0;
    });
    return all;
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
    } else {
        if (Status recorded = cache.flush(); !recorded) {
            return recorded;
        }
        auto contents = cache.stored_contents();
        if (!contents) {
            return std::unexpected(std::move(contents.error()));
        }
        for (const Content& content : *contents) {
            chosen.files.push_back({content.hash.hex(), content});
        }
    }
    const std::uint64_t held = held_of(cache, chosen.files);
    run.expect(chosen.files.size(), held);
    if (Status checked = check_files(cache, chosen.files, run); !checked) {
        return checked;
    }
    if (request) {
        repair(catalog, cache, std::move(chosen), run);
        return {};
    }
    repair_anywhere(catalog, cache, chosen.files, run);
    return run.cancelled() ? fail(Code::cancelled, "cancelled") : Status();
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
