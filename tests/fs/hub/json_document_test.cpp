// SPDX-License-Identifier: Apache-2.0
#include "fs/hub/json_document.h"

#include <gtest/gtest.h>

#include <string>

#include "fs/hub/limits.h"

namespace hubfs::hub {
namespace {

TEST(JsonDocument, nesting_is_bounded) {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    EXPECT_TRUE(JsonDocument::parse(nested(kJsonDepthMax)));
    const auto deeper = JsonDocument::parse(nested(kJsonDepthMax + 1));
    ASSERT_FALSE(deeper);
    EXPECT_EQ(deeper.error().code, Code::protocol);
}

TEST(JsonDocument, a_key_spelled_differently_but_equal_is_a_duplicate) {
    EXPECT_TRUE(JsonDocument::parse(R"({"ab":1,"ac":2})"));
    EXPECT_FALSE(JsonDocument::parse(R"({"ab":1,"\u0061b":2})"));
    EXPECT_FALSE(JsonDocument::parse(R"([{"a":{"b":1,"c":2}},{"a":1,"a":{"b":1}}])"));
}

TEST(JsonDocument, comments_trailing_commas_and_trailing_text_are_refused) {
    for (const char* text : {"// c\n1", "[1,]", "{\"a\":1,}", "1 2", "nan", "'a'", "\xef\xbb\xbf{}",
                             "\"\xc0\x80\"", "\"\xed\xa0\x80\""}) {
        EXPECT_FALSE(JsonDocument::parse(text)) << text;
    }
    EXPECT_TRUE(JsonDocument::parse(" {} \r\n"));
}

TEST(JsonDocument, members_are_read_by_type_and_null_is_absence) {
    const auto document = JsonDocument::parse(
        R"({"text":"x","flag":true,"size":5,"max":9007199254740991,"null":null})");
    ASSERT_TRUE(document);
    const auto& object = document->root().get_object();
    EXPECT_EQ(required_text(object, "text"), "x");
    for (const char* absent : {"null", "none"}) {
        const auto text = text_at(object, absent);
        ASSERT_TRUE(text);
        EXPECT_FALSE(text->has_value());
    }
    EXPECT_FALSE(required_text(object, "null"));
    EXPECT_FALSE(text_at(object, "flag"));
    EXPECT_EQ(flag_at(object, "flag"), true);
    EXPECT_EQ(flag_at(object, "null"), false);
    EXPECT_FALSE(flag_at(object, "size"));
    EXPECT_EQ(size_at(object, "size"), 5U);
    EXPECT_EQ(size_at(object, "max"), kSizeMax);
    EXPECT_FALSE(size_at(object, "null"));
    EXPECT_FALSE(size_at(object, "text"));
}

}  // namespace
}  // namespace hubfs::hub
