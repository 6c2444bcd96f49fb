// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/stats.h"

#include <gtest/gtest.h>

namespace hubfs::upstream {
namespace {

TEST(UpstreamStats, are_one_json_object_with_the_failures_that_came) {
    Stats stats;
    stats.api_calls = 3;
    stats.content_bytes = 1ULL << 40;
    stats.count_failure(Code::timed_out);
    stats.count_failure(Code::offline);
    stats.count_failure(Code::offline);
    EXPECT_EQ(stats.to_json(7),
              R"({"api_calls":3,"content_ranges":0,"api_requests":0,"resolve_requests":0,)"
              R"("content_requests":0,"api_bytes":0,"content_bytes":1099511627776,"retries":0,)"
              R"("redirects":0,"signed_reused":0,"refused":0,"connections":7,)"
              R"("failures":{"timed_out":1,"offline":2}})");
}

}  // namespace
}  // namespace hubfs::upstream
