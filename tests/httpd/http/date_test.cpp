// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/date.h"

#include <gtest/gtest.h>

namespace httpd::http {
namespace {

const hubfs::Instant kToday = hubfs::Instant(std::chrono::seconds(1795273445));  // 2026-11-21
const hubfs::Instant kRfc = hubfs::Instant(std::chrono::seconds(784111777));

TEST(Date, is_written_as_imf_fixdate) {
    EXPECT_EQ(http_date(kRfc), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(http_date(hubfs::Instant(std::chrono::microseconds(999999))),
              "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(Date, is_read_in_all_three_forms) {
    for (const auto* text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                             "Sun Nov  6 08:49:37 1994"}) {
        EXPECT_EQ(parse_http_date(text, kToday), kRfc) << text;
    }
}

TEST(Date, two_digit_years_lie_within_fifty_years) {
    const auto near = parse_http_date("Sunday, 06-Nov-70 08:49:37 GMT", kToday);
    ASSERT_TRUE(near);
    EXPECT_GT(*near, kToday);
    const auto past = parse_http_date("Sunday, 06-Nov-80 08:49:37 GMT", kToday);
    ASSERT_TRUE(past);
    EXPECT_LT(*past, kToday);
}

TEST(Date, what_is_no_date_is_refused) {
    for (const auto* text :
         {"", "yesterday", "Sun, 31 Feb 2026 00:00:00 GMT", "Sun, 06 Nov 1994 25:00:00 GMT",
          "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Xxx 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 08-49-37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT"}) {
        EXPECT_FALSE(parse_http_date(text, kToday)) << text;
    }
}

}  // namespace
}  // namespace httpd::http
