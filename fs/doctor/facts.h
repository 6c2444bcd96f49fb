// SPDX-License-Identifier: Apache-2.0
// The recorded facts about the Hub's answers (fs/doctor/facts.json, part of the program): what to
// ask, and what came when it was recorded.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "fs/base/result.h"

namespace hubfs::doctor {

struct Fact {
    std::string name;
    std::string method;
    // "{repo}", "{small}", "{lfs}": see upstream.h; "{location}": what the fact before this one
    // was answered with.
    std::string target;
    std::string form{};   // of a POST
    std::string range{};  // the request's Range field
    int status = 200;
    // About a repository that may be deleted: when the status differs it says nothing.
    bool optional = false;
    boost::json::object headers{};  // shapes (shape.h), names in lower case
    boost::json::value body{};      // a shape; null: the body does not matter
};

[[nodiscard]] std::string_view recorded_facts();

// Code::invalid names what is wrong: our own mistake for recorded_facts().
[[nodiscard]] Result<std::vector<Fact>> parse_facts(std::string_view text);

}  // namespace hubfs::doctor
