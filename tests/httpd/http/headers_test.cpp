// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/headers.h"

#include <gtest/gtest.h>

namespace httpd::http {
namespace {

TEST(Headers, names_compare_without_regard_to_case) {
    Headers headers;
    headers.add("X-Repo-Commit", "a");
    headers.add("x-repo-commit", "b");
    EXPECT_EQ(headers.get("X-REPO-COMMIT"), "a");
    EXPECT_EQ(headers.joined("x-Repo-Commit"), "a, b");
    EXPECT_EQ(headers.count("x-repo-commit"), 2U);
    headers.set("X-Repo-Commit", "c");
    EXPECT_EQ(headers.joined("x-repo-commit"), "c");
    headers.remove("x-repo-commit");
    EXPECT_FALSE(headers.has("X-Repo-Commit"));
    EXPECT_EQ(headers.get("X-Repo-Commit"), "");
}

TEST(Headers, list_members_are_trimmed_and_empty_ones_left_out) {
    EXPECT_EQ(list_members(" a ,, b,\t"), (std::vector<std::string_view>{"a", "b"}));
    EXPECT_TRUE(list_members(" , ").empty());
    Headers headers;
    headers.add("Connection", "keep-alive, Upgrade");
    EXPECT_TRUE(headers.lists("connection", "upgrade"));
    EXPECT_FALSE(headers.lists("connection", "up"));
}

TEST(Headers, tokens_and_values_have_their_characters) {
    EXPECT_TRUE(is_token("X-A_b.9!"));
    EXPECT_FALSE(is_token(""));
    EXPECT_FALSE(is_token("a b"));
    EXPECT_FALSE(is_token("a:"));
    EXPECT_FALSE(is_token(std::string_view("a\0", 2)));
    EXPECT_TRUE(is_field_value("a\tb \xC3\xA4"));
    EXPECT_FALSE(is_field_value("a\rb"));
    EXPECT_FALSE(is_field_value("\x7f"));
}

}  // namespace
}  // namespace httpd::http
