// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/conditional.h"

#include <gtest/gtest.h>

namespace httpd::http {
namespace {

const hubfs::Instant kNow = hubfs::Instant(std::chrono::seconds(1795273445));
const hubfs::Instant kModified = hubfs::Instant(std::chrono::seconds(784111777));
constexpr auto kSame = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr auto kEarlier = "Sun, 06 Nov 1994 08:49:36 GMT";

Headers headers(std::initializer_list<std::pair<const char*, const char*>> fields) {
    Headers made;
    for (const auto& [name, value] : fields) {
        made.add(name, value);
    }
    return made;
}

TEST(EntityTags, are_parsed_and_compared) {
    EXPECT_EQ(parse_etag("\"a\""), (EntityTag{false, "a"}));
    EXPECT_EQ(parse_etag(" W/\"a\" "), (EntityTag{true, "a"}));
    EXPECT_EQ(parse_etag("\"\""), (EntityTag{false, ""}));
    EXPECT_EQ(parse_etag("abc"), (EntityTag{false, "abc"}));  // as some clients send it
    for (const auto* bad : {"", "\"a", "\"a\"b", "w/\"a\"x", "\"a\x7f\"", "W/"}) {
        EXPECT_FALSE(parse_etag(bad)) << bad;
    }
    const EntityTag strong{false, "a"};
    const EntityTag weak{true, "a"};
    EXPECT_TRUE(strong_match(strong, strong));
    EXPECT_FALSE(strong_match(strong, weak));
    EXPECT_FALSE(strong_match(weak, weak));
    EXPECT_TRUE(weak_match(strong, weak));
    EXPECT_FALSE(weak_match(strong, EntityTag{false, "b"}));
}

TEST(EntityTags, lists_are_parsed) {
    EXPECT_TRUE(parse_tag_list(" * ")->any);
    EXPECT_EQ(parse_tag_list("\"a\" , W/\"b,c\",, \"d\"")->tags.size(), 3U);
    EXPECT_FALSE(parse_tag_list(""));
    EXPECT_FALSE(parse_tag_list(" , "));
    EXPECT_FALSE(parse_tag_list("\"a\" \"b\""));
    EXPECT_FALSE(parse_tag_list("\"a"));
}

struct ConditionRow {
    Headers request;
    bool safe;
    Verdict verdict;
};

TEST(Conditions, are_looked_at_in_the_order_of_rfc_9110) {
    const Validators current{"\"a\"", kModified};
    const ConditionRow rows[] = {
        {headers({}), true, Verdict::proceed},
        {headers({{"If-None-Match", "\"a\""}}), true, Verdict::not_modified},
        {headers({{"If-None-Match", "W/\"a\""}}), true, Verdict::not_modified},
        {headers({{"If-None-Match", "\"b\", \"a\""}}), true, Verdict::not_modified},
        {headers({{"If-None-Match", "\"b\""}, {"If-None-Match", "\"a\""}}), true,
         Verdict::not_modified},
        {headers({{"If-None-Match", "*"}}), true, Verdict::not_modified},
        {headers({{"If-None-Match", "*"}}), false, Verdict::precondition_failed},
        {headers({{"If-None-Match", "\"b\""}}), true, Verdict::proceed},
        {headers({{"If-Match", "\"a\""}}), true, Verdict::proceed},
        {headers({{"If-Match", "*"}}), true, Verdict::proceed},
        {headers({{"If-Match", "W/\"a\""}}), true, Verdict::precondition_failed},
        {headers({{"If-Match", "\"b\""}}), true, Verdict::precondition_failed},
        {headers({{"If-Match", "\"b\""}, {"If-None-Match", "\"a\""}}), true,
         Verdict::precondition_failed},
        {headers({{"If-Modified-Since", kSame}}), true, Verdict::not_modified},
        {headers({{"If-Modified-Since", kSame}}), false, Verdict::proceed},
        {headers({{"If-Modified-Since", kEarlier}}), true, Verdict::proceed},
        {headers({{"If-Modified-Since", "nonsense"}}), true, Verdict::proceed},
        {headers({{"If-None-Match", "\"b\""}, {"If-Modified-Since", kSame}}), true,
         Verdict::proceed},
        {headers({{"If-Unmodified-Since", kSame}}), true, Verdict::proceed},
        {headers({{"If-Unmodified-Since", kEarlier}}), true, Verdict::precondition_failed},
        {headers({{"If-Match", "\"a\""}, {"If-Unmodified-Since", kEarlier}}), true,
         Verdict::proceed},
    };
    for (const ConditionRow& row : rows) {
        const auto line = row.request.begin() == row.request.end()
                              ? std::string("none")
                              : row.request.begin()->name + ": " + row.request.begin()->value;
        EXPECT_EQ(evaluate(row.request, current, row.safe, kNow), row.verdict) << line;
    }
}

TEST(Conditions, if_range_needs_a_strong_match) {
    const Validators current{"\"a\"", kModified};
    EXPECT_TRUE(range_allowed(headers({}), current, kNow));
    EXPECT_TRUE(range_allowed(headers({{"If-Range", "\"a\""}}), current, kNow));
    EXPECT_FALSE(range_allowed(headers({{"If-Range", "W/\"a\""}}), current, kNow));
    EXPECT_FALSE(range_allowed(headers({{"If-Range", "\"b\""}}), current, kNow));
    EXPECT_TRUE(range_allowed(headers({{"If-Range", kSame}}), current, kNow));
    EXPECT_FALSE(range_allowed(headers({{"If-Range", kEarlier}}), current, kNow));
    EXPECT_FALSE(range_allowed(headers({{"If-Range", kSame}}), current, kModified));
    EXPECT_FALSE(range_allowed(headers({{"If-Range", kSame}}), Validators{"\"a\""}, kNow));
    EXPECT_FALSE(range_allowed(headers({{"If-Range", "W/\"a\""}}), Validators{"W/\"a\""}, kNow));
}

}  // namespace
}  // namespace httpd::http
