// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/json.h"

#include <boost/json.hpp>

#include "httpd/http/json_filter.h"
#include "httpd/http/target.h"

namespace httpd::http {

namespace json = boost::json;

namespace {

std::optional<json::value> parse(std::string_view text) {
    try {
        json::error_code error;
        json::value value = json::parse(json::string_view(text.data(), text.size()), error);
        if (!error) {
            return value;
        }
    } catch (const std::exception&) {  // out of memory and the like: as good as malformed
    }
    return std::nullopt;
}

std::string to_text(const json::string& text) {
    return std::string(text.data(), text.size());
}

}  // namespace

std::optional<TreeLine> parse_tree_line(std::string_view line) {
    const auto value = parse(line);
    if (!value || !value->is_object()) {
        return std::nullopt;
    }
    const json::object& object = value->get_object();
    const json::value* const path = object.if_contains("path");
    const json::value* const type = object.if_contains("type");
    if (path == nullptr || type == nullptr || !path->is_string() || !type->is_string()) {
        return std::nullopt;
    }
    auto filtered = remove_members(line, "xetHash");
    if (!filtered) {
        return std::nullopt;
    }
    TreeLine found{to_text(path->get_string()), type->get_string() == "directory",
                   filtered->changed ? std::move(filtered->text) : std::string(line)};
    const json::value* const lfs = object.if_contains("lfs");
    const json::value* const oid =
        lfs != nullptr && lfs->is_object() ? lfs->get_object().if_contains("oid") : nullptr;
    const json::value* const size = object.if_contains("size");
    if (oid != nullptr && oid->is_string() && size != nullptr) {
        json::error_code error;
        found.lfs_oid = to_text(oid->get_string());
        found.size = size->to_number<std::uint64_t>(error);
    }
    return found;
}

std::optional<PathsRequest> parse_paths_json(std::string_view body) {
    const auto value = parse(body);
    if (!value || !value->is_object()) {
        return std::nullopt;
    }
    PathsRequest request;
    const json::object& object = value->get_object();
    if (const json::value* const expand = object.if_contains("expand")) {
        request.expand = (expand->is_bool() && expand->get_bool()) ||
                         (expand->is_string() && expand->get_string() == "true");
    }
    const json::value* const paths = object.if_contains("paths");
    if (paths == nullptr) {
        return std::nullopt;
    }
    if (paths->is_string()) {
        request.paths.push_back(to_text(paths->get_string()));
        return request;
    }
    if (!paths->is_array()) {
        return std::nullopt;
    }
    for (const json::value& path : paths->get_array()) {
        if (!path.is_string()) {
            return std::nullopt;
        }
        request.paths.push_back(to_text(path.get_string()));
    }
    return request;
}

PathsRequest parse_paths_form(std::string_view body) {
    PathsRequest request;
    const Parameters parameters = parse_query(body);
    request.expand = flag_parameter(parameters, "expand");
    for (const auto& [name, value] : parameters) {
        if (name == "paths") {
            request.paths.push_back(value);
        }
    }
    return request;
}

}  // namespace httpd::http
