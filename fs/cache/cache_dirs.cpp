// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/cache_dirs.h"

#include <algorithm>
#include <set>
#include <utility>

#include "fs/base/log.h"
#include "fs/cache/limits.h"

namespace hubfs::cache {

Result<CacheDirs> CacheDirs::open(const std::vector<std::string>& paths, const BlobIndex& index) {
    if (paths.empty() || paths.size() > kDirsMax) {
        return fail(Code::invalid,
                    "between 1 and " + std::to_string(kDirsMax) + " cache directories are needed");
    }
    CacheDirs dirs;
    // A new directory never gets a number that a record has: those files are elsewhere.
    std::set<std::uint16_t> recorded;
    const Status read = index.for_each([&](const ContentHash&, const BlobIndex::Record& record) {
        recorded.insert(record.directory);
    });
    if (!read) {
        return within("reading the records of the cache", read.error());
    }
    std::set<std::uint16_t> taken;
    std::string last_error;
    for (const std::string& path : paths) {
        auto dir = CacheDir::open(path, taken, recorded);
        if (dir) {
            dirs.dirs_.push_back(std::move(*dir));
        } else if (dir.error().code == Code::invalid || dir.error().code == Code::unsupported) {
            return std::unexpected(std::move(dir.error()));
        } else {
            last_error = dir.error().message;
            log::warn("cache.dir_left_out", {{"dir", path}, {"error", last_error}});
        }
    }
    if (dirs.dirs_.empty()) {
        return fail(Code::io, "no cache directory can be used: " + last_error);
    }
    return dirs;
}

Result<Recovered> CacheDirs::recover(BlobIndex& index) const {
    Recovered recovered;
    Totals& totals = recovered.totals;
    std::vector<BlobIndex::Change> forget;
    const Status read = index.for_each([&](const ContentHash& hash, const BlobIndex::Record& r) {
        const CacheDir* dir = find(r.directory);
        const auto ledger = ledger_from(r);
        if (dir == nullptr || !ledger || dir->size_of(hash) != r.size_bytes) {
            forget.push_back({hash, std::nullopt});
            return;
        }
        totals.bytes += bytes_in(ledger->held(), ledger->geometry());
        totals.contents += 1;
        totals.verified += r.verified ? 1U : 0U;
    });
    if (!read) {
        return within("reading the records of the cache", read.error());
    }
    for (std::size_t first = 0; first < forget.size(); first += kChangesPerCommit) {
        const auto begin = forget.begin() + static_cast<std::ptrdiff_t>(first);
        const auto n =
            static_cast<std::ptrdiff_t>(std::min(kChangesPerCommit, forget.size() - first));
        if (Status ok = index.apply({begin, begin + n}, std::nullopt); !ok) {
            return within("forgetting records without files", ok.error());
        }
    }
    if (!forget.empty()) {
        log::info("cache.records_forgotten", {{"records", forget.size()}});
    }
    for (const auto& dir : dirs_) {
        const auto orphans = dir->sweep([&](const ContentHash& hash) {
            const auto record = index.find(hash);
            // A record that cannot be read is no reason to remove the bytes it may claim.
            return !record || (*record && (*record)->directory == dir->number());
        });
        if (!orphans) {
            return within(dir->path(), orphans.error());
        }
        for (const ContentHash& hash : *orphans) {
            recovered.orphans.push_back({dir.get(), hash});
        }
    }
    return recovered;
}

const CacheDir* CacheDirs::find(std::uint16_t number) const {
    const auto found = std::ranges::find(dirs_, number, [](const auto& d) { return d->number(); });
    return found == dirs_.end() ? nullptr : found->get();
}

void CacheDirs::unlock() const {
    for (const auto& dir : dirs_) {
        dir->unlock();
    }
}

const CacheDir& CacheDirs::place() const {
    if (dirs_.size() == 1) {
        return *dirs_.front();
    }
    return **std::ranges::max_element(dirs_, {}, [](const auto& d) { return d->free_bytes(); });
}

std::optional<BlockLedger> ledger_from(const BlobIndex::Record& record) {
    const bool sane = record.block_bytes >= 1 && record.size_bytes >= 1 &&
                      record.size_bytes <= kContentMaxBytes &&
                      record.size_bytes / record.block_bytes < kBlocksMax;
    if (!sane) {
        return std::nullopt;
    }
    const Geometry geometry{record.size_bytes, record.block_bytes};
    if (record.verified) {
        BlockMap all(geometry.blocks());
        all.set_all();
        return BlockLedger(geometry, std::move(all), true);
    }
    auto held = BlockMap::from_bytes(record.bitmap, geometry.blocks());
    if (!held) {
        return std::nullopt;
    }
    return BlockLedger(geometry, std::move(*held), false);
}

}  // namespace hubfs::cache
