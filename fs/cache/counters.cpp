// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/counters.h"

namespace hubfs::cache {

void append_member(std::string& out, std::string_view name, std::uint64_t value) {
    if (!out.empty()) {
        out += ',';
    }
    out += '"';
    out += name;
    out += "\":";
    out += std::to_string(value);
}

std::string to_json_members(const Counters& counters) {
    std::string out;
    append_member(out, "hits", counters.hits);
    append_member(out, "misses", counters.misses);
    append_member(out, "bytes_served", counters.bytes_served);
    append_member(out, "bytes_fetched", counters.bytes_fetched);
    append_member(out, "bytes_unstored", counters.bytes_unstored);
    append_member(out, "transfers", counters.transfers);
    append_member(out, "verified", counters.verified);
    append_member(out, "mismatches", counters.mismatches);
    append_member(out, "lost", counters.lost);
    append_member(out, "damaged_blocks", counters.damaged_blocks);
    append_member(out, "evictions", counters.evictions);
    append_member(out, "evicted_bytes", counters.evicted_bytes);
    append_member(out, "commits", counters.commits);
    append_member(out, "waiters", counters.waiters);
    append_member(out, "memory_bytes", counters.memory_bytes);
    std::string failures;
    for (std::size_t code = 0; code < Counters::kCodes; ++code) {
        if (const std::uint64_t n = counters.failures[code]; n > 0) {
            append_member(failures, name_of(static_cast<Code>(code)), n);
        }
    }
    return out + ",\"failures\":{" + failures + "}";
}

}  // namespace hubfs::cache
