// SPDX-License-Identifier: Apache-2.0
// The block cache over any index: what BlockCache::open() makes for the daemon, and tests over a
// map. Answers questions about contents from their books, resident or recorded. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fs/cache/blob_index.h"
#include "fs/cache/block_cache.h"

namespace hubfs::cache {

struct Engine;
class BlockLedger;

class CacheImpl final : public BlockCache {
public:
    [[nodiscard]] static Result<std::unique_ptr<BlockCache>> open(CacheConfig config,
                                                                  std::unique_ptr<BlobIndex> index,
                                                                  upstream::Source& source,
                                                                  const Clock& clock);
    ~CacheImpl() override;
    CacheImpl(const CacheImpl&) = delete;
    CacheImpl& operator=(const CacheImpl&) = delete;

    Result<std::unique_ptr<Reader>> open_reader(Content content, ContentLocation where) override;
    [[nodiscard]] bool held(const Content& content, ByteRange range) const override;
    [[nodiscard]] bool verified(const Content& content) const override;
    [[nodiscard]] std::uint64_t cached_bytes(const Content& content) const override;
    [[nodiscard]] std::vector<ByteRange> ranges(const Content& content,
                                                std::size_t max) const override;
    std::uint64_t evict(const Content& content) override;
    [[nodiscard]] Result<Checked> check(const Content& content, const GoOn& go_on) override;
    [[nodiscard]] Result<std::vector<Content>> stored_contents() const override;
    [[nodiscard]] Result<bool> take(const Content& content, const Fd& file,
                                    const GoOn& go_on) override;
    [[nodiscard]] CacheUsage usage() const override;
    [[nodiscard]] std::string stats_json() const override;
    Status flush() override;

private:
    explicit CacheImpl(std::shared_ptr<Engine> engine);
    // ask(books) when something is known of this content, else `none`.
    template <class T, class F>
    T from_ledger(const Content& content, T none, F&& ask) const;

    const std::shared_ptr<Engine> engine_;
};

}  // namespace hubfs::cache
