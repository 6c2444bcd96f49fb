// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/readahead.h"

#include <algorithm>

namespace hubfs::cache {

ReadAhead::ReadAhead(std::uint64_t size_bytes, std::uint32_t block_bytes, ReadAheadLimits limits)
    : size_bytes_(size_bytes), block_bytes_(block_bytes), limits_(limits) {}

// The stream this read continues: the one whose end is nearest, within the slack on either side or
// anywhere inside what the stream already fetches ahead.
ReadAhead::Stream* ReadAhead::find(ByteRange read) {
    Stream* best = nullptr;
    std::uint64_t best_distance = 0;
    for (Stream& stream : streams_) {
        if (stream.used == 0) {
            continue;
        }
        const bool forward = read.first >= stream.next;
        const std::uint64_t distance =
            forward ? read.first - stream.next : stream.next - read.first;
        const std::uint64_t allowed =
            forward ? std::max(limits_.slack_bytes, stream.window) : limits_.slack_bytes;
        if (distance <= allowed && (best == nullptr || distance < best_distance)) {
            best = &stream;
            best_distance = distance;
        }
    }
    return best;
}

ReadAhead::Stream& ReadAhead::replace_oldest() {
    Stream& oldest = *std::ranges::min_element(streams_, {}, &Stream::used);
    oldest = Stream{};
    return oldest;
}

ReadAhead::Plan ReadAhead::on_read(ByteRange read) {
    ++tick_;
    Stream* stream = find(read);
    if (stream == nullptr) {
        stream = &replace_oldest();
        stream->first = read.first;
        stream->next = read.first;
    }
    stream->used = tick_;
    ++stream->reads;
    if (read.end > stream->next) {
        stream->run += read.end - std::max(stream->next, read.first);
        stream->next = read.end;
    }
    const bool from_start = stream->first == 0;
    if (stream->reads < 2 || (!from_start && stream->run < limits_.jump_run_bytes)) {
        return {};
    }
    // The window follows what was read in order, so at most about twice of it is fetched in vain.
    stream->window = std::max(stream->window, limits_.window_min_bytes);
    while (stream->run >= stream->window && stream->window < limits_.window_max_bytes) {
        stream->window *= 2;
    }
    const std::uint64_t end = std::min(size_bytes_, stream->next + stream->window);
    const std::uint64_t piece = stream->window / limits_.pieces / block_bytes_ * block_bytes_;
    return {{stream->next, std::max(end, stream->next)},
            std::clamp(piece, block_bytes_, std::max(limits_.range_max_bytes, block_bytes_))};
}

}  // namespace hubfs::cache
