// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/headers.h"

#include <gtest/gtest.h>

namespace hubfs::upstream {
namespace {

using std::chrono::seconds;

TEST(ContentRange, is_read_only_in_its_exact_form) {
    using R = ContentRange;
    const struct {
        std::string_view text;
        std::optional<R> want;
    } rows[] = {
        {"bytes 0-9/100", R{ByteRange{0, 10}, 100}},
        {"bytes 90-99/100", R{ByteRange{90, 100}, 100}},
        {"bytes 5-5/*", R{ByteRange{5, 6}, std::nullopt}},
        {"bytes */100", R{std::nullopt, 100}},
        {"bytes */*", std::nullopt},
        {"bytes 90-100/100", std::nullopt},
        {"bytes 9-0/100", std::nullopt},
        {"bytes 0-/100", std::nullopt},
        {"bytes -9/100", std::nullopt},
        {"bytes /100", std::nullopt},
        {"bytes 0-9", std::nullopt},
        {"bytes 0-9/", std::nullopt},
        {"bytes=0-9/100", std::nullopt},
        {"bytes  0-9/100", std::nullopt},
        {"bytes 0-9/100 ", std::nullopt},
        {"bytes +0-9/100", std::nullopt},
        {"bytes 0x0-9/100", std::nullopt},
        {"items 0-9/100", std::nullopt},
        {"bytes 0-18446744073709551615/*", std::nullopt},
        {"bytes 0-9/99999999999999999999", std::nullopt},
        {"", std::nullopt},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(parse_content_range(row.text), row.want) << row.text;
    }
}

TEST(ContentLength, is_decimal_digits_and_nothing_else) {
    EXPECT_EQ(parse_length("0"), 0U);
    EXPECT_EQ(parse_length("18446744073709551615"), UINT64_MAX);
    for (const std::string_view bad :
         {"", " 1", "1 ", "+1", "-1", "0x1", "1,1", "1_0", "18446744073709551616"}) {
        EXPECT_FALSE(parse_length(bad)) << bad;
    }
}

TEST(RateLimitField, is_read_as_the_hub_writes_it) {
    const struct {
        std::string_view text;
        std::optional<RateLimit> want;
    } rows[] = {
        {R"("api";r=0;t=55)", RateLimit{0, seconds(55)}},
        {R"("resolvers";r=2997;t=258)", RateLimit{2997, seconds(258)}},
        {R"("a;r=9;t=9";r=1;t=2)", RateLimit{1, seconds(2)}},
        {R"("api"; r=3 ; t=4, "bulk";r=0;t=9)", RateLimit{3, seconds(4)}},
        {R"("a,b";r=3)", RateLimit{3, seconds(0)}},
        {R"("api";t=4)", std::nullopt},
        {R"("api";r=-1;t=4)", std::nullopt},
        {R"("api";r=1;t=soon)", std::nullopt},
        {"", std::nullopt},
        {"\"", std::nullopt},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(parse_rate_limit(row.text), row.want) << row.text;
    }
}

TEST(RetryAfter, is_whole_seconds_and_bounded) {
    EXPECT_EQ(parse_retry_after("120"), seconds(120));
    EXPECT_EQ(parse_retry_after(" 5 "), seconds(5));
    EXPECT_EQ(parse_retry_after("99999999999999999999"), std::nullopt);
    EXPECT_EQ(parse_retry_after("9999999999999999999"), seconds(1LL << 31));
    EXPECT_EQ(parse_retry_after("Wed, 21 Oct 2026 07:28:00 GMT"), std::nullopt);
    EXPECT_EQ(parse_retry_after(""), std::nullopt);
}

TEST(ResponseHeads, tell_one_field_from_many) {
    const ResponseHead head{200, {{"link", "<a>"}, {"etag", "x"}, {"link", "<b>"}}};
    EXPECT_EQ(head.single("etag"), "x");
    EXPECT_FALSE(head.single("link").has_value());
    EXPECT_FALSE(head.single("none").has_value());
    EXPECT_EQ(head.joined("link"), "<a>, <b>");
    EXPECT_EQ(head.joined("none"), "");
    EXPECT_TRUE(head.has("link"));
    EXPECT_FALSE(head.has("none"));
}

}  // namespace
}  // namespace hubfs::upstream
