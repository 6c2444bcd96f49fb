// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/block_cache.h"

#include <utility>

#include "fs/cache/blob_index.h"
#include "fs/cache/cache_impl.h"

namespace hubfs::cache {

Result<std::unique_ptr<BlockCache>> BlockCache::open(CacheConfig config, meta::BlobTable& table,
                                                     upstream::Source& source, const Clock& clock) {
    return CacheImpl::open(std::move(config), index_of(table), source, clock);
}

}  // namespace hubfs::cache
