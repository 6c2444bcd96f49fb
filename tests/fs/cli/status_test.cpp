// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/status.h"

#include <gtest/gtest.h>

namespace hubfs::cli {
namespace {

constexpr const char* kAnswer =
    R"({"version":"0.1.0","uptime_seconds":12,"cache":{"used_bytes":1572864,"limit_bytes":100,)"
    R"("contents":3,"dirs":["/a","/b"]},"deep":{"a":{"b":true}}})";

TEST(Status, TableShowsEveryCounterThereIs) {
    const auto table = status_table(kAnswer);
    ASSERT_TRUE(table.has_value()) << table.error().message;
    EXPECT_EQ(*table,
              "version            0.1.0\n"
              "uptime_seconds     12\n"
              "cache.used_bytes   1.5 MiB\n"
              "cache.limit_bytes  100 B\n"
              "cache.contents     3\n"
              "cache.dirs         [\"/a\",\"/b\"]\n"
              "deep.a.b           true\n");
}

TEST(Status, LineShowsTheImportantCountersThatAreThere) {
    EXPECT_EQ(status_line(kAnswer), "up s 12  cached 1.5 MiB  of 100 B  files 3\n");
    EXPECT_EQ(status_line("{}"), "\n");
}

TEST(Status, RefusesWhatIsNoObject) {
    for (const char* text : {"", "[]", "{", "1", "{\"a\":}"}) {
        EXPECT_FALSE(status_table(text).has_value()) << text;
        EXPECT_FALSE(status_line(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace hubfs::cli
