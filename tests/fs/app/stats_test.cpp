// SPDX-License-Identifier: Apache-2.0
#include "fs/app/stats.h"

#include <gtest/gtest.h>

namespace hubfs::app {
namespace {

TEST(Stats, AreOneJsonObjectInOneLine) {
    const Instant started(std::chrono::seconds(1767225600));
    const std::string json = stats_json(
        started, started + std::chrono::seconds(90),
        {{"a", [] { return std::string("{\"n\":1}"); }}, {"b", [] { return std::string("[]"); }}});
    EXPECT_EQ(json, "{\"version\":\"" HFM_VERSION
                    "\",\"started\":\"2026-01-01T00:00:00.000000Z\","
                    "\"uptime_seconds\":90,\"a\":{\"n\":1},\"b\":[]}");
}

}  // namespace
}  // namespace hubfs::app
