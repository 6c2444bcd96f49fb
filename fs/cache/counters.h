// SPDX-License-Identifier: Apache-2.0
// What the cache counts, for .status and tests. Atomic, without order between them.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "fs/base/result.h"

namespace hubfs::cache {

struct Counters {
    using Count = std::atomic<std::uint64_t>;

    Count hits{0};    // reads answered at once
    Count misses{0};  // reads that had to wait
    Count bytes_served{0};
    Count bytes_fetched{0};   // from upstream, broken transfers included
    Count bytes_unstored{0};  // of these, served from memory because nothing could be stored
    Count transfers{0};       // ranges asked of upstream
    Count verified{0};        // contents whose whole hash matched
    Count mismatches{0};      // contents dropped because it did not
    Count lost{0};            // contents dropped because the disk failed
    Count damaged_blocks{0};  // whose checksum found that the disk changed them
    Count evictions{0};
    Count evicted_bytes{0};
    Count commits{0};
    // Gauges.
    Count waiters{0};
    Count memory_bytes{0};

    // Failed reads by code.
    static constexpr std::size_t kCodes = static_cast<std::size_t>(Code::offline) + 1;
    std::array<Count, kCodes> failures{};

    void failed(Code code, std::uint64_t n = 1) { failures[static_cast<std::size_t>(code)] += n; }
};

// The members of a JSON object, without braces.
[[nodiscard]] std::string to_json_members(const Counters& counters);
// Appends `"name":value`, with a comma before it unless `out` is empty.
void append_member(std::string& out, std::string_view name, std::uint64_t value);

}  // namespace hubfs::cache
