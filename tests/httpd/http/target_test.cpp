// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/target.h"

#include <gtest/gtest.h>

namespace httpd::http {
namespace {

TEST(Target, is_cut_before_it_is_decoded) {
    using Segments = std::vector<std::string_view>;
    EXPECT_EQ(split_path("/"), Segments{""});
    EXPECT_EQ(split_path("/a/b%2Fc/"), (Segments{"a", "b%2Fc", ""}));
    EXPECT_EQ(split_path("//a"), (Segments{"", "a"}));
    EXPECT_TRUE(split_path("a").empty());
    EXPECT_TRUE(split_path("*").empty());
    EXPECT_TRUE(split_path("").empty());
}

TEST(Target, no_word_hides_in_escapes_and_a_bare_percent_is_itself) {
    EXPECT_EQ(normal_path("/api/%6dodels/a/%78et-read-token/%7Ex"),
              "/api/models/a/xet-read-token/~x");
    EXPECT_EQ(normal_path("/a%2Fb%2fc%20d%C3%A4%25"), "/a%2Fb%2fc%20d%C3%A4%25");
    EXPECT_EQ(normal_path("/100%.txt"), "/100%25.txt");
    EXPECT_EQ(normal_path("/%4"), "/%254");
    EXPECT_EQ(normal_path("/%"), "/%25");
    EXPECT_EQ(normal_path("/%2541"), "/%2541");  // decoded once
    EXPECT_EQ(normal_path("/a%00b"), "/a%00b");
}

TEST(Target, query_parameters_are_decoded_once) {
    const Parameters p =
        parse_query("paths=a+b%2Fc&paths=%2525&expand[]=sha&flag&=x&bad=%zz&&e=a=b");
    ASSERT_EQ(p.size(), 5U);
    EXPECT_EQ(p[0], (std::pair<std::string, std::string>{"paths", "a b/c"}));
    EXPECT_EQ(p[1].second, "%25");
    EXPECT_EQ(p[2].first, "expand");
    EXPECT_EQ(p[3], (std::pair<std::string, std::string>{"flag", ""}));
    EXPECT_EQ(p[4].second, "a=b");
    EXPECT_EQ(find_parameter(p, "nope"), nullptr);
}

TEST(Target, flags_are_understood_in_every_letter_case) {
    for (const auto* yes : {"x=true", "x=True", "x=TRUE", "x=1"}) {
        EXPECT_TRUE(flag_parameter(parse_query(yes), "x")) << yes;
    }
    for (const auto* no : {"", "x", "x=false", "x=False", "x=0", "y=true"}) {
        EXPECT_FALSE(flag_parameter(parse_query(no), "x")) << no;
    }
}

}  // namespace
}  // namespace httpd::http
