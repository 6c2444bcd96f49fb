// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/range.h"

#include <gtest/gtest.h>

namespace httpd::http {

static void PrintTo(const RangeChoice& choice, std::ostream* out) {
    *out << static_cast<int>(choice.kind);
    for (const auto& part : choice.parts) {
        *out << " [" << part.first << "," << part.end << ")";
    }
}

namespace {

using Kind = RangeChoice::Kind;

struct RangeRow {
    const char* header;
    std::uint64_t size;
    Kind kind;
    std::vector<hubfs::ByteRange> parts;
};

TEST(Range, is_chosen_as_rfc_9110_says) {
    const RangeRow rows[] = {
        {"", 1000, Kind::whole, {}},
        {"bytes=0-0", 1000, Kind::parts, {{0, 1}}},
        {"bytes=0-999", 1000, Kind::parts, {{0, 1000}}},
        {"bytes=0-1000", 1000, Kind::parts, {{0, 1000}}},
        {"bytes=999-", 1000, Kind::parts, {{999, 1000}}},
        {"bytes=1000-", 1000, Kind::unsatisfiable, {}},
        {"bytes=-1", 1000, Kind::parts, {{999, 1000}}},
        {"bytes=-5000", 1000, Kind::parts, {{0, 1000}}},
        {"bytes=-0", 1000, Kind::unsatisfiable, {}},
        {"bytes=0-0", 0, Kind::unsatisfiable, {}},
        {"bytes=-1", 0, Kind::unsatisfiable, {}},
        {"bytes=5-4", 1000, Kind::whole, {}},
        {"bytes=", 1000, Kind::whole, {}},
        {"bytes=-", 1000, Kind::whole, {}},
        {"bytes=1", 1000, Kind::whole, {}},
        {"bytes=+1-2", 1000, Kind::whole, {}},
        {"bytes=0x1-2", 1000, Kind::whole, {}},
        {"bytes=1-2-3", 1000, Kind::whole, {}},
        {"items=0-1", 1000, Kind::whole, {}},
        {"Bytes=0-1", 1000, Kind::parts, {{0, 2}}},
        {"bytes= 0-1 , 500-501 ", 1000, Kind::parts, {{0, 2}, {500, 502}}},
        {"bytes=500-501,0-1", 1000, Kind::parts, {{500, 502}, {0, 2}}},
        {"bytes=0-9,5-14", 1000, Kind::parts, {{0, 15}}},
        {"bytes=0-9,20-29", 1000, Kind::parts, {{0, 30}}},
        {"bytes=0-9,200-209,10-199", 1000, Kind::parts, {{0, 210}}},
        {"bytes=0-0,2000-", 1000, Kind::parts, {{0, 1}}},
        {"bytes=2000-,3000-", 1000, Kind::unsatisfiable, {}},
        {"bytes=0-0,x", 1000, Kind::whole, {}},
        {"bytes=0-99999999999999999999999", 1000, Kind::parts, {{0, 1000}}},
        {"bytes=99999999999999999999999-", 1000, Kind::unsatisfiable, {}},
        {"bytes=18446744073709551615-18446744073709551615", UINT64_MAX, Kind::unsatisfiable, {}},
    };
    for (const RangeRow& row : rows) {
        const RangeChoice got = choose_range(row.header, row.size);
        EXPECT_EQ(got.kind, row.kind) << row.header;
        EXPECT_EQ(got.parts, row.parts) << row.header << " " << ::testing::PrintToString(got);
    }
}

TEST(Range, more_ranges_than_the_limit_are_ignored) {
    std::string header = "bytes=0-0";
    for (std::size_t i = 1; i < kRangesMax; ++i) {
        header += "," + std::to_string(i * 1000) + "-" + std::to_string(i * 1000);
    }
    EXPECT_EQ(choose_range(header, 1 << 20).parts.size(), kRangesMax);
    EXPECT_EQ(choose_range(header + ",5-5", 1 << 20).kind, Kind::whole);
}

TEST(Range, a_resumption_has_the_beginning_and_wants_the_rest) {
    for (const char* header : {"bytes=1-", "bytes=1000-", "bytes=010-"}) {
        EXPECT_TRUE(is_resumption(header)) << header;
    }
    for (const char* header : {"", "bytes=", "bytes=-", "bytes=0-", "bytes=00-", "bytes=1-2",
                               "bytes=-5", "bytes=1-,5-", "bytes=1-2,5-", "bytes=x1-"}) {
        EXPECT_FALSE(is_resumption(header)) << header;
    }
}

TEST(Range, is_printed_for_content_range) {
    EXPECT_EQ(content_range({10, 20}, 1234), "bytes 10-19/1234");
    EXPECT_EQ(unsatisfied_range(1234), "bytes */1234");
}

}  // namespace
}  // namespace httpd::http
