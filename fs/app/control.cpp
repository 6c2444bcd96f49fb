// SPDX-License-Identifier: Apache-2.0
#include "fs/app/control.h"

#include <boost/json.hpp>

namespace hubfs::app {

std::string control_error(std::string_view reason) {
    return boost::json::serialize(boost::json::object{{"error", reason}});
}

std::string answer_control(std::string_view line, const ControlOps& ops) {
    boost::system::error_code bad;
    boost::json::parse_options options;
    options.max_depth = 8;
    const boost::json::value value = boost::json::parse(line, bad, {}, options);
    if (bad) {
        return control_error("not JSON: " + bad.message());
    }
    const boost::json::object* object = value.if_object();
    const boost::json::value* op = object != nullptr ? object->if_contains("op") : nullptr;
    const boost::json::string* name = op != nullptr ? op->if_string() : nullptr;
    if (name == nullptr) {
        return control_error("an object with a string \"op\" is expected");
    }
    const auto found = ops.find(std::string_view(*name));
    if (found == ops.end()) {
        return control_error("unknown op: " + std::string(*name));
    }
    return found->second(line);
}

}  // namespace hubfs::app
