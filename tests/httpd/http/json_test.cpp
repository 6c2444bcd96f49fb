// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/json.h"

#include <gtest/gtest.h>

namespace httpd::http {
namespace {

TEST(Json, a_tree_line_loses_only_xet) {
    const auto file = parse_tree_line(
        R"({"type":"file","oid":"a","size":3,"lfs":{"oid":"b"},"xetHash":"c","path":"d/ä\u0041"})");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->path, "d/äA");
    EXPECT_FALSE(file->directory);
    EXPECT_EQ(file->json,
              R"({"type":"file","oid":"a","size":3,"lfs":{"oid":"b"},"path":"d/ä\u0041"})");
    EXPECT_TRUE(parse_tree_line(R"({"type":"directory","path":"d"})")->directory);
    for (const auto* bad : {"", "[]", "{}", R"({"type":1,"path":"a"})", R"({"type":"file"})",
                            R"({"type":"file","path":"a"} x)"}) {
        EXPECT_FALSE(parse_tree_line(bad)) << bad;
    }
}

TEST(Json, a_paths_request_comes_as_json_or_as_a_form) {
    const auto json = parse_paths_json(R"({"paths":["a","b c"],"expand":true})");
    ASSERT_TRUE(json);
    EXPECT_EQ(json->paths, (std::vector<std::string>{"a", "b c"}));
    EXPECT_TRUE(json->expand);
    EXPECT_EQ(parse_paths_json(R"({"paths":"a"})")->paths.size(), 1U);
    for (const auto* bad : {"", "[]", "{}", R"({"paths":[1]})", R"({"paths":1})"}) {
        EXPECT_FALSE(parse_paths_json(bad)) << bad;
    }
    const auto form = parse_paths_form("paths=a&paths=b+c&expand=True&other=x");
    EXPECT_EQ(form.paths, (std::vector<std::string>{"a", "b c"}));
    EXPECT_TRUE(form.expand);
}

}  // namespace
}  // namespace httpd::http
