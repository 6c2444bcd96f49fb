// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/json_filter.h"

#include <gtest/gtest.h>

namespace httpd::http {
namespace {

struct Row {
    const char* before;
    const char* after;  // null: not JSON
};

TEST(JsonFilter, takes_members_out_and_touches_nothing_else) {
    const Row rows[] = {
        {R"({"x":1})", R"({})"},
        {R"({"x":1,"a":2})", R"({"a":2})"},
        {R"({"a":2,"x":1})", R"({"a":2})"},
        {R"({"a":1,"x":[1,{"x":2}],"b":3})", R"({"a":1,"b":3})"},
        {R"({"x":1,"x":2})", R"({})"},
        {R"({"x":1,"x":2,"b":3})", R"({"b":3})"},
        {R"({"a":0,"x":1,"x":2,"b":3,"x":4})", R"({"a":0,"b":3})"},
        {R"([{"x":1},{"a":{"x":2,"y":1e-5}}])", R"([{},{"a":{"y":1e-5}}])"},
        {R"({"\u0078":1,"a":"\u00e4"})", R"({"a":"\u00e4"})"},
        {R"({"xx":1,"\\x":2,"":3})", R"({"xx":1,"\\x":2,"":3})"},
        {R"({ "x" : 1 , "a" : 2.50 })", R"({  "a" : 2.50 })"},
        {R"({"a":"x","b":["x"]})", R"({"a":"x","b":["x"]})"},
        {R"("x")", R"("x")"},
        {" [ ] ", " [ ] "},
        {"", nullptr},
        {"{", nullptr},
        {R"({"x":1,})", nullptr},
        {R"({"x"})", nullptr},
        {R"({"x":1}})", nullptr},
        {R"([1 2])", nullptr},
        {R"("\)", nullptr},
        {"\"a\nb\"", nullptr},
        {"nul", nullptr},
        {R"({x:1})", nullptr},
    };
    for (const Row& row : rows) {
        const auto got = remove_members(row.before, "x");
        ASSERT_EQ(got.has_value(), row.after != nullptr) << row.before;
        if (got) {
            EXPECT_EQ(got->changed ? got->text : std::string(row.before), row.after);
            EXPECT_EQ(got->changed, std::string(row.before) != row.after) << row.before;
        }
    }
}

TEST(JsonFilter, nesting_has_a_limit) {
    const std::string deep(1000, '[');
    EXPECT_FALSE(remove_members(deep + std::string(1000, ']'), "x"));
    EXPECT_TRUE(remove_members(std::string(60, '[') + std::string(60, ']'), "x"));
}

TEST(JsonFilter, strings_are_quoted) {
    EXPECT_EQ(json_string("a\"b\\\n\xC3\xA4"), "\"a\\\"b\\\\\\u000a\xC3\xA4\"");
}

}  // namespace
}  // namespace httpd::http
