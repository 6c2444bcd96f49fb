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
    [[nodiscard]] bool was_wrong() const override { return mismatches_ > 0; }

private:
    void touch();

    const std::shared_ptr<Engine> engine_;
    const StatePtr state_;
    std::uint64_t mismatches_ = 0;  // of the content, when this reader came
    std::mutex mutex_;              // guards what follows
    ReadAhead ahead_;
};

// Content of no bytes: nothing to fetch, nothing to store.
class EmptyReader final : public Reader {
public:
    void read(std::uint64_t, std::size_t, Done<Bytes> done) override {
        done(std::make_shared<const std::vector<std::byte>>());
    }
    [[nodiscard]] Fd verified_file() const override { return {}; }
    [[nodiscard]] bool was_wrong() const override { return false; }
};

}  // namespace hubfs::cache
