// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/facts.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/string.hpp>
#include <utility>

namespace hubfs::doctor {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view key) {
    const json::value* const value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

Result<Fact> fact_from(const json::value& value) {
    if (!value.is_object()) {
        return fail(Code::invalid, "a fact is no object");
    }
    const json::object& object = value.get_object();
    Fact fact;
    fact.name = text_of(object, "name");
    fact.method = text_of(object, "method");
    fact.target = text_of(object, "target");
    fact.form = text_of(object, "form");
    fact.range = text_of(object, "range");
    const json::value* const status = object.if_contains("status");
    if (fact.name.empty() || fact.method.empty() || fact.target.empty() || status == nullptr ||
        !status->is_int64()) {
        return fail(Code::invalid, "the fact \"" + fact.name + "\" is not complete");
    }
    fact.status = static_cast<int>(status->get_int64());
    const json::value* const optional = object.if_contains("optional");
    fact.optional = optional != nullptr && optional->is_bool() && optional->get_bool();
    if (const json::value* const headers = object.if_contains("headers")) {
        if (!headers->is_object()) {
            return fail(Code::invalid, "the headers of \"" + fact.name + "\" are no object");
        }
        fact.headers = headers->get_object();
    }
    for (const auto& [name, type] : fact.headers) {
        if (!type.is_string()) {
            return fail(Code::invalid, "the header " + std::string(name) + " has no type");
        }
    }
    if (const json::value* const body = object.if_contains("body")) {
        fact.body = *body;
    }
    return fact;
}

}  // namespace

Result<std::vector<Fact>> parse_facts(std::string_view text) {
    boost::system::error_code bad;
    const json::value root = json::parse(text, bad);
    const json::value* const list =
        !bad && root.is_object() ? root.get_object().if_contains("facts") : nullptr;
    if (list == nullptr || !list->is_array()) {
        return fail(Code::invalid, "the facts are no JSON object with a list");
    }
    std::vector<Fact> facts;
    for (const json::value& value : list->get_array()) {
        auto fact = fact_from(value);
        if (!fact) {
            return std::unexpected(std::move(fact.error()));
        }
        facts.push_back(std::move(*fact));
    }
    return facts;
}

}  // namespace hubfs::doctor
