// SPDX-License-Identifier: Apache-2.0
// One open content: cuts reads at the end of the content, follows where its reader is, and keeps
// the content in use as long as it lives. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "fs/cache/block_cache.h"
#include "fs/cache/content_state.h"
#include "fs/cache/readahead.h"

namespace hubfs::cache {

struct Engine;

class BlockReader final : public Reader {
public:
    // Puts `where` in front of the content's locations.
    BlockReader(std::shared_ptr<Engine> engine, StatePtr state, const ContentLocation& where);
    ~BlockReader() override;
    BlockReader(const BlockReader&) = delete;
    BlockReader& operator=(const BlockReader&) = delete;

    void read(std::uint64_t offset, std::size_t size, Done<Bytes> done) override;
    [[nodiscard]] Fd verified_file() const override;

private:
    void touch();

    const std::shared_ptr<Engine> engine_;
    const StatePtr state_;
    std::mutex mutex_;  // guards what follows
    ReadAhead ahead_;
    std::optional<std::uint64_t> mismatches_;  // of the content, when the first read began
};

// Content of no bytes: nothing to fetch, nothing to store.
class EmptyReader final : public Reader {
public:
    void read(std::uint64_t, std::size_t, Done<Bytes> done) override {
        done(std::make_shared<const std::vector<std::byte>>());
    }
    [[nodiscard]] Fd verified_file() const override { return {}; }
};

}  // namespace hubfs::cache
