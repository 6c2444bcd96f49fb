// SPDX-License-Identifier: Apache-2.0
// The facts against what they were derived from: each recording that a fact names must fit it, by
// the same code that judges a live Hub.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "fs/doctor/facts.h"
#include "fs/doctor/upstream.h"

namespace hubfs::doctor {
namespace {

namespace json = boost::json;

std::string text_at(const json::object& object, std::string_view key) {
    const auto* const value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::map<std::string, json::object> recordings() {
    std::ifstream file(HFM_SOURCE_DIR "/tests/hub/recordings/answers.json");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    std::map<std::string, json::object> by_id;
    const json::value root = json::parse(text);  // outlives the loop over it
    for (const json::value& one : root.at("answers").as_array()) {
        by_id[text_at(one.as_object(), "id")] = one.as_object();
    }
    return by_id;
}

// The parts of the fact that the recording speaks of: not every recorder kept headers or bodies.
Fact part_recorded(Fact fact, const json::object& recording, upstream::OneAnswer& answer) {
    answer.head.status = static_cast<int>(recording.at("status").as_int64());
    const auto* const headers = recording.if_contains("headers");
    if (headers == nullptr || headers->as_object().size() < 2) {
        fact.headers.clear();
    } else {
        for (const auto& [name, value] : headers->as_object()) {
            answer.head.fields.emplace_back(name, std::string(value.as_string()));
        }
    }
    if (const std::string body = text_at(recording, "body"); !body.empty()) {
        answer.body = body;
    } else if (const auto* const first = recording.if_contains("json_first")) {
        answer.body = json::serialize(*first);
    } else if (const auto* const without = recording.if_contains("json_without")) {
        answer.body = json::serialize(without->at("value"));
    } else {
        fact.body = nullptr;
    }
    return fact;
}

// A published header set with placeholders: names alone can be compared.
void check_names(const Fact& fact, const json::object& headers) {
    for (const auto& [key, type] : fact.headers) {
        const std::string_view text = key;
        if (text.ends_with('!')) {
            EXPECT_TRUE(headers.contains(text.substr(0, text.size() - 1)))
                << fact.name << ": " << text;
        }
    }
}

TEST(Recordings, EachFitsTheFactThatWasDerivedFromIt) {
    const auto recorded = recordings();
    const auto facts = parse_facts(recorded_facts()).value();
    const auto source = json::parse(recorded_facts()).at("facts").as_array();
    std::size_t checked = 0;
    for (std::size_t i = 0; i < facts.size(); ++i) {
        for (const json::value& id : source[i].at("recordings").as_array()) {
            const auto found = recorded.find(std::string(id.as_string()));
            ASSERT_NE(found, recorded.end()) << id;
            ++checked;
            if (const auto* const pattern = found->second.if_contains("pattern_headers")) {
                EXPECT_EQ(found->second.at("status").as_int64(), facts[i].status) << id;
                check_names(facts[i], pattern->as_object());
                continue;
            }
            upstream::OneAnswer answer;
            const Fact fact = part_recorded(facts[i], found->second, answer);
            for (const Finding& finding : judge(fact, answer)) {
                EXPECT_EQ(finding.verdict, Verdict::pass)
                    << id << ": " << to_text(finding, "to do");
            }
        }
    }
    EXPECT_GE(checked, 20U);
}

}  // namespace
}  // namespace hubfs::doctor
