// SPDX-License-Identifier: Apache-2.0
// Receives one range of one content from upstream and puts it where it belongs: into the sparse
// file, or into memory when it cannot be stored. Its methods come from the transfer thread, one at
// a time, cancel() and abandon() from any. Lives until on_done() has returned; if the cache is
// closed by then, it does nothing more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "fs/cache/block_sums.h"
#include "fs/cache/content_state.h"
#include "fs/upstream/source.h"

namespace hubfs::cache {

struct Engine;

class RangeSink final : public upstream::ContentSink {
public:
    struct Task {
        StatePtr state;
        std::shared_ptr<BlobFile> file;  // nothing: into memory
        ContentLocation where;
        Geometry geometry;
        ByteRange range;
        std::uint64_t flight = 0;
        std::uint64_t generation = 0;
    };
    RangeSink(std::shared_ptr<Engine> engine, Task task);

    bool on_bytes(std::span<const std::byte> bytes) override;
    void on_done(Status status) override;

    // Once, when the source has returned the handle.
    void attach(std::shared_ptr<upstream::Transfer> transfer);
    // Ends the transfer. Not under the content's lock.
    void cancel();

    [[nodiscard]] const Task& task() const { return task_; }

    // The blocks that the last bytes completed, in the file. Of the transfer thread.
    std::vector<BlockSum> summed;

    // Guarded by the content's mutex.
    bool cancelled = false;  // on_done() is not upstream's failure
    bool abandoned = false;  // nobody waits any more: end with the block under way
    Steady progress{};       // when the last bytes came

private:
    struct Position {
        std::uint64_t at = 0;  // where these bytes begin in the content
        bool go_on = false;
    };
    [[nodiscard]] Position position(std::size_t bytes);
    void spill(std::uint64_t at, const Error& why);
    void put_in_memory(std::span<const std::byte> bytes, std::uint64_t at);

    const std::shared_ptr<Engine> engine_;
    BlockSummer summer_;                            // as long as there is a file
    Task task_;                                     // its file is reset when the disk is full
    std::optional<Error> broken_;                   // upstream sent more than was asked for
    std::shared_ptr<upstream::Transfer> transfer_;  // guarded by the content's mutex
};

}  // namespace hubfs::cache
