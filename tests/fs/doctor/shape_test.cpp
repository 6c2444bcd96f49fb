// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/shape.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace hubfs::doctor {
namespace {

Differences compare(const char* shape, const char* value) {
    Differences differences;
    compare_json(boost::json::parse(shape), boost::json::parse(value), differences);
    return differences;
}

struct TypeCase {
    const char* type;
    std::vector<std::string> fit;
    std::vector<std::string> not_fit;
};

TEST(Shape, TextsFitTheirTypes) {
    const std::string h40(40, 'a');
    const std::string h64(64, '0');
    const std::vector<TypeCase> cases = {
        {"text", {"", "x"}, {}},
        {"=abc", {"abc"}, {"abcd", "ab", ""}},
        {"^abc", {"abc", "abcd"}, {"ab", " abc"}},
        {"hex40", {h40}, {h64, h40 + "a", std::string(40, 'A'), std::string(40, '*')}},
        {"hex64 | =*", {h64, "*"}, {h40, "**"}},
        {"etag40", {'"' + h40 + '"'}, {h40, "W/\"" + h40 + '"', '"' + h64 + '"'}},
        {"date", {"2026-10-06T13:24:38.000Z"}, {"2026-10-06", "yesterday", ""}},
        {"digits", {"0", "123"}, {"", "-1", "1.5", "12 "}},
        {"weak etag", {"W/\"2cd-x\""}, {"\"x\"", "W/x", ""}},
        {"next link",
         {"<https://h/api?c=1>; rel=\"next\""},
         {"<https://h/api?c=1>; rel=\"prev\"", "</api>; rel=\"next\"", ""}},
        {"url", {"https://h/x?y"}, {"/x", "ftp://h/x", ""}},
        {"ratelimit", {"\"api\";r=499;t=46"}, {"499", ""}},
        {"no such type", {}, {"x"}},
    };
    for (const TypeCase& one : cases) {
        for (const std::string& text : one.fit) {
            EXPECT_TRUE(text_fits(one.type, text)) << one.type << ": " << text;
        }
        for (const std::string& text : one.not_fit) {
            EXPECT_FALSE(text_fits(one.type, text)) << one.type << ": " << text;
        }
    }
}

TEST(Shape, ValuesFitTheirTypes) {
    const struct {
        const char* type;
        const char* value;
        bool fits;
    } cases[] = {
        {"\"flag\"", "true", true},
        {"\"flag\"", "\"true\"", false},
        {"\"flag | text\"", "false", true},
        {"\"flag | text\"", "\"manual\"", true},
        {"\"flag | text\"", "1", false},
        {"\"count\"", "0", true},
        {"\"count\"", "-1", false},
        {"\"count\"", "1.5", false},
        {"\"count\"", "18446744073709551615", true},
        {"\"number\"", "1.5", true},
        {"\"number\"", "\"1\"", false},
        {"\"null\"", "null", true},
        {"\"text\"", "null", false},
        {"\"object\"", "{}", true},
        {"\"object\"", "[]", false},
        {"\"list\"", "[1]", true},
        {"\"list | null\"", "null", true},
        {"\"any\"", "[{}]", true},
        {"[\"text\"]", "[]", true},
        {"[\"text\"]", "{}", false},
        {"{}", "[]", false},
        {"\"list\"", "\"list\"", false},
        {"\"object\"", "\"object\"", false},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(compare(one.type, one.value).empty(), one.fits) << one.type << " " << one.value;
    }
}

TEST(Shape, NamesTheFieldTheTypeAndWhatWasFound) {
    const auto differences = compare(R"({"siblings!":[{"rfilename!":"text"}]})",
                                     R"({"siblings":[{"rfilename":"a"},{"rfilename":7}]})");
    ASSERT_EQ(differences.size(), 1U);
    EXPECT_EQ(differences[0].field, "siblings[1].rfilename");
    EXPECT_EQ(differences[0].expected, "text");
    EXPECT_EQ(differences[0].found, "7");
    EXPECT_TRUE(differences[0].needed);
}

TEST(Shape, SaysHowMuchAMissingFieldMatters) {
    const char* const shape = R"({"a!":"text","b":"text","c?":"text","d?":{"e!":"text"}})";
    const auto all_missing = compare(shape, "{}");
    ASSERT_EQ(all_missing.size(), 2U);
    EXPECT_TRUE(all_missing[0].needed);
    EXPECT_EQ(all_missing[0].field, "a");
    EXPECT_FALSE(all_missing[1].needed);
    EXPECT_EQ(compare(shape, R"({"a":"","b":"","c":"","d":{"e":""}})").size(), 0U);
    // What is below a field that may be absent is relied on where that field is there.
    for (const char* const below : {R"({"a":"","b":"","d":{}})", R"({"a":"","b":"","d":"text"})"}) {
        const auto differences = compare(shape, below);
        ASSERT_EQ(differences.size(), 1U) << below;
        EXPECT_TRUE(differences[0].needed) << below;
    }
    EXPECT_FALSE(compare(shape, R"({"a":"","b":"","c":1})").at(0).needed);
}

TEST(Shape, TellsOfFieldsThatWereNotRecorded) {
    const auto differences = compare(R"({"a":"text"})", R"({"a":"x","new":{"b":1}})");
    ASSERT_EQ(differences.size(), 1U);
    EXPECT_TRUE(differences[0].added);
    EXPECT_FALSE(differences[0].needed);
    EXPECT_EQ(differences[0].field, "new");
}

TEST(Shape, TellsOfAThousandBadElementsOnce) {
    std::string list = "[";
    for (int i = 0; i < 1000; ++i) {
        list += std::string(i == 0 ? "" : ",") + R"({"x":1})";
    }
    EXPECT_EQ(compare(R"([{"a!":"text"}])", (list + "]").c_str()).size(), 2U);
}

TEST(Shape, ComparesHeaderFieldsByName) {
    upstream::ResponseHead head;
    head.fields = {{"etag", "\"x\""}, {"x-new", "1"}};
    const auto shape = boost::json::parse(
        R"({"etag!":"etag40","x-repo-commit!":"hex40","vary?":"text","date":"text"})");
    Differences differences;
    compare_fields(shape.as_object(), head, differences);
    ASSERT_EQ(differences.size(), 3U);
    EXPECT_EQ(differences[0].field, "header etag");
    EXPECT_EQ(differences[0].found, "\"x\"");
    EXPECT_EQ(differences[1].found, "nothing");
    EXPECT_TRUE(differences[1].needed);
    EXPECT_FALSE(differences[2].needed);
}

}  // namespace
}  // namespace hubfs::doctor
