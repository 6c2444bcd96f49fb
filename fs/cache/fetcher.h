// SPDX-License-Identifier: Apache-2.0
// Decides what to ask upstream for, once per byte whoever wants it, and who gets what when it
// arrives or fails: reads are answered or parked, transfers begun, their bytes booked, failures
// remembered for a moment, transfers nobody wants ended. Thread-safe; called without any lock held.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "fs/base/hub_types.h"
#include "fs/base/result.h"
#include "fs/cache/content_state.h"
#include "fs/cache/fetch_queue.h"
#include "fs/cache/readahead.h"

namespace hubfs::cache {

struct Engine;

struct ReadRequest {
    ByteRange range;  // not empty, within the content
    ReadAhead::Plan ahead;
    // How often the content had been dropped as wrong when this reader began: bytes from before and
    // after must not mix in one open file.
    std::uint64_t mismatches = 0;
};

class Fetcher {
public:
    explicit Fetcher(Engine& engine) : engine_(engine) {}

    void read(const StatePtr& state, const ReadRequest& request, Done<Bytes> done);

    // FetchQueue: begin this transfer.
    void start(const FetchJob& job);
    // RangeSink: its next bytes are in place. False: end the transfer.
    [[nodiscard]] bool arrived(RangeSink& sink, std::size_t bytes);
    void ended(const RangeSink& sink, Status status);

    // Reads that came while the content was being dropped: fetch for them now.
    void resume(const StatePtr& state);
    // Somebody left: if nobody is there any more, end transfers and let go of the file.
    void settle(const StatePtr& state);
    // Fails the parked reads whose deadline has passed, and transfers that brought them nothing.
    void expire(const StatePtr& state, Steady now);

private:
    [[nodiscard]] std::optional<Error> refuse(ContentState& state, ByteRange range, Steady now);
    [[nodiscard]] std::vector<FetchJob> demand(const StatePtr& state, ByteRange range) const;
    [[nodiscard]] std::vector<FetchJob> demand_parked(const StatePtr& state) const;
    [[nodiscard]] std::vector<FetchJob> ahead(const StatePtr& state, const ReadAhead::Plan& plan,
                                              Steady now) const;
    [[nodiscard]] std::vector<FetchJob> jobs_for(const StatePtr& state,
                                                 const std::vector<BlockSpan>& spans,
                                                 bool is_demand) const;
    [[nodiscard]] std::shared_ptr<BlobFile> file_for(const StatePtr& state,
                                                     std::uint64_t generation);
    void fail_blocks(ContentState& state, BlockSpan rest, const Error& error, Steady now,
                     std::vector<Waiter>& failed) const;
    [[nodiscard]] bool worth_finishing(const ContentState& state, const RangeSink& sink) const;
    [[nodiscard]] bool try_elsewhere(ContentState& state, const RangeSink& sink, const Error& error,
                                     Steady now) const;

    Engine& engine_;
};

}  // namespace hubfs::cache
