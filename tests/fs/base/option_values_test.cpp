// SPDX-License-Identifier: Apache-2.0
#include "fs/base/option_values.h"

#include <gtest/gtest.h>

namespace hubfs {
namespace {

using namespace std::chrono_literals;

TEST(ParseDuration, ReadsOneNumberAndOneUnit) {
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("10s"), 10s);
    EXPECT_EQ(parse_duration("5m"), 5min);
    EXPECT_EQ(parse_duration("1h"), 1h);
    EXPECT_EQ(parse_duration("14d"), 14 * 24h);
    EXPECT_EQ(parse_duration("0"), 0ms);
    EXPECT_EQ(parse_duration("0s"), 0ms);
    for (const char* text : {"", "5", "s", "-1s", "+1s", "1.5s", "1 s", "1S", "1h30m", " 1s", "1s ",
                             "36526d", "99999999999999999999s"}) {
        EXPECT_FALSE(parse_duration(text).has_value()) << text;
    }
}

TEST(ParseSize, ReadsBytesAndBothKindsOfUnits) {
    EXPECT_EQ(parse_size("0"), 0U);
    EXPECT_EQ(parse_size("4096"), 4096U);
    EXPECT_EQ(parse_size("4096B"), 4096U);
    EXPECT_EQ(parse_size("1kB"), 1000U);
    EXPECT_EQ(parse_size("1KB"), 1000U);
    EXPECT_EQ(parse_size("1KiB"), 1024U);
    EXPECT_EQ(parse_size("1MiB"), 1ULL << 20);
    EXPECT_EQ(parse_size("10GB"), 10'000'000'000U);
    EXPECT_EQ(parse_size("3TiB"), 3ULL << 40);
    for (const char* text : {"", "B", "-1", "+1", "1.5GB", "1 GB", "1gb", "1G", " 1", "1 ",
                             "9999999PB", "99999999999999999999"}) {
        EXPECT_FALSE(parse_size(text).has_value()) << text;
    }
}

TEST(ValueText, UsesTheLargestExactUnit) {
    EXPECT_EQ(duration_text(0ms), "0s");
    EXPECT_EQ(duration_text(1500ms), "1500ms");
    EXPECT_EQ(duration_text(90s), "90s");
    EXPECT_EQ(duration_text(24h), "1d");
    EXPECT_EQ(size_text(0), "0");
    EXPECT_EQ(size_text(1'000'001), "1000001B");
    EXPECT_EQ(size_text(1ULL << 30), "1GiB");
    EXPECT_EQ(size_text(1'000'000'000), "1GB");
}

TEST(EditDistance, CountsSlipsOfTheFingers) {
    EXPECT_EQ(edit_distance("", ""), 0U);
    EXPECT_EQ(edit_distance("abc", ""), 3U);
    EXPECT_EQ(edit_distance("listen", "listen"), 0U);
    EXPECT_EQ(edit_distance("lisen", "listen"), 1U);
    EXPECT_EQ(edit_distance("lsiten", "listen"), 1U);
    EXPECT_EQ(edit_distance("lostem", "listen"), 2U);
}

TEST(Suggestion, NamesTheNearestKeyOrNothing) {
    EXPECT_EQ(suggestion("http.lsiten"), ", did you mean http.listen?");
    EXPECT_EQ(suggestion("upstream.ref"), ", did you mean freshness.ref?");
    EXPECT_EQ(suggestion("nothing.alike_at_all"), "");
    EXPECT_EQ(suggestion(std::string(5000, 'x')), "");
}

}  // namespace
}  // namespace hubfs
