// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/facts.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <functional>
#include <set>

#include "fs/doctor/shape.h"

namespace hubfs::doctor {
namespace {

// Every leaf of a shape.
void each_type(const boost::json::value& shape, const std::function<void(std::string_view)>& f) {
    if (shape.is_object()) {
        for (const auto& [key, inner] : shape.get_object()) {
            each_type(inner, f);
        }
    } else if (shape.is_array()) {
        ASSERT_EQ(shape.get_array().size(), 1U);
        each_type(shape.get_array().front(), f);
    } else {
        ASSERT_TRUE(shape.is_string());
        f(shape.get_string());
    }
}

TEST(Facts, ThoseOfTheProgramAreComplete) {
    const auto facts = parse_facts(recorded_facts());
    ASSERT_TRUE(facts.has_value()) << facts.error().message;
    EXPECT_GE(facts->size(), 15U);
    const std::set<std::string_view> known = {
        "any",    "object",    "list",   "null",      "flag",     "count", "number",
        "text",   "date",      "digits", "hex24",     "hex40",    "hex64", "etag40",
        "etag64", "weak etag", "url",    "next link", "ratelimit"};
    std::set<std::string> names;
    for (const Fact& fact : *facts) {
        EXPECT_TRUE(names.insert(fact.name).second) << fact.name;
        const auto check = [&](std::string_view types) {
            while (!types.empty()) {
                const std::string_view type = types.substr(0, types.find(" | "));
                EXPECT_TRUE(known.contains(type) || type.starts_with('=') || type.starts_with('^'))
                    << fact.name << ": " << type;
                types.remove_prefix(std::min(types.size(), type.size() + 3));
            }
        };
        each_type(fact.headers, check);
        if (!fact.body.is_null()) {
            each_type(fact.body, check);
        }
    }
}

TEST(Facts, WhatIsIncompleteIsRefused) {
    for (const char* const text :
         {"", "[]", "{}", R"({"facts":{}})", R"({"facts":[1]})", R"({"facts":[{"name":"x"}]})",
          R"({"facts":[{"name":"x","method":"GET","target":"/"}]})",
          R"({"facts":[{"name":"x","method":"GET","target":"/","status":"200"}]})",
          R"({"facts":[{"name":"x","method":"GET","target":"/","status":200,"headers":[]}]})",
          R"({"facts":[{"name":"x","method":"GET","target":"/","status":200,)"
          R"("headers":{"a":1}}]})"}) {
        EXPECT_FALSE(parse_facts(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace hubfs::doctor
