// SPDX-License-Identifier: Apache-2.0
// The header grammars over any bytes: what is accepted makes sense as numbers.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "fs/upstream/budget.h"
#include "fs/upstream/headers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hubfs::upstream;
    const std::string_view value(reinterpret_cast<const char*>(data), size);
    if (const auto range = parse_content_range(value)) {
        const bool sensible =
            range->range ? !range->range->empty() &&
                               (!range->total_bytes || range->range->end <= *range->total_bytes)
                         : range->total_bytes.has_value();
        if (!sensible) {
            std::abort();
        }
    }
    if (const auto length = parse_length(value);
        length && value.find_first_not_of("0123456789") != std::string_view::npos) {
        std::abort();
    }
    Budget budget;
    const hubfs::Steady now{std::chrono::seconds(1)};
    budget.learn(QuotaKind::api,
                 {429, {{"ratelimit", std::string(value)}, {"retry-after", std::string(value)}}},
                 now);
    if (const auto pause = budget.spent_for(QuotaKind::api, now);
        pause && (pause->count() <= 0 || *pause > std::chrono::seconds(900))) {
        std::abort();
    }
    return 0;
}
