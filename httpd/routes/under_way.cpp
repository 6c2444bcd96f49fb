// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/under_way.h"

#include <algorithm>
#include <utility>

namespace httpd::routes {

UnderWay::Joined UnderWay::join(const std::string& etag, hubfs::ByteRange first) {
    const auto [mine, collapsed] = waiting_->with([&](Waiting& waiting) {
        const auto [begin, end] = waiting.equal_range(etag);
        const bool covered = std::any_of(begin, end, [&](const auto& other) {
            return other.second.first <= first.first && first.end <= other.second.end;
        });
        return std::pair(waiting.emplace(etag, first), covered);
    });
    auto leave = [waiting = waiting_, place = mine](void*) {
        waiting->with([&](Waiting& all) { all.erase(place); });
    };
    return {Ticket(nullptr, std::move(leave)), collapsed};
}

}  // namespace httpd::routes
