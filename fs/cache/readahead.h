// SPDX-License-Identifier: Apache-2.0
// What to fetch before it is asked for: a policy without I/O, one object per reader. A read that
// continues an earlier one grows that stream's window; any other read starts a stream and fetches
// nothing but itself, so a jump to the tail costs the tail. Several streams are followed at once,
// because one open file may serve several clients. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "fs/base/hub_types.h"

namespace hubfs::cache {

struct ReadAheadLimits {
    std::uint64_t window_min_bytes = 1ULL << 20;
    std::uint64_t window_max_bytes = 64ULL << 20;
    // A stream that did not start at byte 0 must have read this much in order before anything is
    // fetched ahead: a single range of 1 MiB fetches only the blocks it touches.
    std::uint64_t jump_run_bytes = 2ULL << 20;
    // How far a read may be from where its stream stopped: the kernel reorders parallel readahead.
    std::uint64_t slack_bytes = 1ULL << 20;
    std::uint64_t range_max_bytes = 8ULL << 20;
    std::uint64_t pieces = 16;  // a full window is fetched in this many parallel ranges
};

class ReadAhead {
public:
    static constexpr std::size_t kStreamsMax = 8;

    // What should be here or under way after this read. Empty: nothing beyond the read itself.
    struct Plan {
        ByteRange window;
        std::uint64_t piece_bytes = 0;  // the size of one transfer
    };

    ReadAhead(std::uint64_t size_bytes, std::uint32_t block_bytes, ReadAheadLimits limits = {});

    // read: not empty, within the content.
    Plan on_read(ByteRange read);

private:
    struct Stream {
        std::uint64_t first = 0;  // where it started
        std::uint64_t next = 0;   // the end of what was read
        std::uint64_t run = 0;    // bytes read in order so far
        std::uint64_t reads = 0;
        std::uint64_t window = 0;
        std::uint64_t used = 0;  // tick of its last read
    };
    [[nodiscard]] Stream* find(ByteRange read);
    Stream& replace_oldest();

    const std::uint64_t size_bytes_;
    const std::uint64_t block_bytes_;
    const ReadAheadLimits limits_;
    std::array<Stream, kStreamsMax> streams_{};
    std::uint64_t tick_ = 0;
};

}  // namespace hubfs::cache
