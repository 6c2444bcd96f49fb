// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/adopter.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "fs/base/log.h"
#include "fs/cache/engine.h"
#include "fs/cache/limits.h"

namespace hubfs::cache {

void Adopter::start(std::vector<Orphan> orphans) {
    if (orphans.empty()) {
        return;
    }
    left_ = orphans.size();
    log::info("cache.adopting", {{"files", orphans.size()}});
    thread_ = std::thread([this, orphans = std::move(orphans)] {
        pthread_setname_np(pthread_self(), "cache-adopt");
        run(orphans);
    });
}

void Adopter::stop() {
    stopping_ = true;
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Adopter::run(const std::vector<Orphan>& orphans) {
    Steady told = engine_.clock.steady();
    std::vector<Sound> sound;
    std::uint64_t adopted = 0;
    for (const Orphan& orphan : orphans) {
        auto checked = check(orphan);
        if (stopping_) {
            break;
        }
        if (checked) {
            sound.push_back(*checked);
            ++adopted;
        } else {
            remove(orphan);
            --left_;
        }
        const Steady now = engine_.clock.steady();
        if (sound.size() >= kAdoptBatch || now - told >= kAdoptTell) {
            record(sound);
            log::info("cache.adopting", {{"files_left", left_.load()}, {"bytes", adopted_bytes_}});
            told = now;
        }
    }
    record(sound);
    log::info("cache.adopted", {{"files", adopted}, {"bytes", adopted_bytes_}});
}

std::optional<Adopter::Sound> Adopter::check(const Orphan& orphan) const {
    const Fd file = orphan.dir->open_any(orphan.hash);
    struct stat info{};
    if (!file.valid() || ::fstat(file.get(), &info) != 0) {
        return std::nullopt;
    }
    Sound sound{.orphan = orphan,
                .size_bytes = static_cast<std::uint64_t>(info.st_size),
                .inode = info.st_ino,
                .last_used = Instant(std::chrono::seconds(info.st_mtim.tv_sec))};
    ContentHasher hasher(orphan.hash.kind, sound.size_bytes);
    std::vector<std::byte> piece(kAdoptReadBytes);
    const Geometry geometry{sound.size_bytes, engine_.config.block_bytes};
    BlockSummer summer(geometry, 0);
    std::vector<BlockSum> summed;
    while (hasher.hashed() < sound.size_bytes && !stopping_) {
        const ssize_t n =
            ::pread(file.get(), piece.data(), piece.size(), static_cast<off_t>(hasher.hashed()));
        if (n <= 0) {
            return std::nullopt;
        }
        const auto bytes = std::span(piece).first(static_cast<std::size_t>(n));
        hasher.update(bytes);
        summer.update(bytes, summed);
    }
    if (stopping_ || hasher.finish() != orphan.hash) {
        return std::nullopt;
    }
    BlockSums sums(geometry);
    for (const BlockSum& each : summed) {
        sums.set(each.block, each.sum);
    }
    sound.sums = sums.unsaved().rows;
    return sound;
}

// As in Committer: the bytes are on the disk before a record says so.
void Adopter::record(std::vector<Sound>& sound) {
    std::vector<const CacheDir*> dirs;
    for (const Sound& each : sound) {
        if (std::ranges::find(dirs, each.orphan.dir) == dirs.end()) {
            dirs.push_back(each.orphan.dir);
        }
    }
    for (const CacheDir* dir : dirs) {
        if (const Status synced = dir->sync(); !synced) {
            log::error("cache.adoption_failed", {{"error", synced.error().message}});
            left_ -= sound.size();
            sound.clear();
            return;
        }
    }
    std::vector<BlobIndex::Change> changes;
    std::uint64_t bytes = 0;
    for (const Sound& each : sound) {
        const ContentHash& hash = each.orphan.hash;
        if (!engine_.table.begin_evict(hash)) {
            continue;
        }
        if (record_of(*engine_.index, hash) || each.orphan.dir->inode_of(hash) != each.inode) {
            engine_.table.end_evict(hash);
            continue;
        }
        // Nothing is known but its time; that is no reason to stay longer than what was used now.
        const Turns warmth = std::min(meta::weeks_since_1970(each.last_used), engine_.turns.now());
        changes.push_back({hash,
                           BlobIndex::Record{.size_bytes = each.size_bytes,
                                             .block_bytes = engine_.config.block_bytes,
                                             .verified = true,
                                             .bitmap = {},
                                             .directory = each.orphan.dir->number(),
                                             .last_used = each.last_used,
                                             .warmth = warmth},
                           each.sums});
        bytes += each.size_bytes;
    }
    const Status applied = engine_.index->apply(changes, std::nullopt);
    if (!applied) {
        log::error("cache.adoption_failed", {{"error", applied.error().message}});
    }
    for (const BlobIndex::Change& change : changes) {
        if (applied) {
            engine_.quota.stored(change.record->size_bytes, true);
            engine_.quota.verified_one();
        }
        engine_.table.end_evict(change.hash);
    }
    adopted_bytes_ += applied ? bytes : 0;
    left_ -= sound.size();
    sound.clear();
    if (engine_.quota.over()) {
        engine_.housekeeper.poke();
    }
}

void Adopter::remove(const Orphan& orphan) {
    if (!engine_.table.begin_evict(orphan.hash)) {
        return;  // in use: the file is somebody else's by now
    }
    const auto claimed = record_of(*engine_.index, orphan.hash);
    if (!claimed || claimed->directory != orphan.dir->number()) {
        (void)orphan.dir->unlink(orphan.hash);
    }
    engine_.table.end_evict(orphan.hash);
}

}  // namespace hubfs::cache
