// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/target.h"

#include <algorithm>
#include <cstdint>

#include "fs/base/hub_types.h"
#include "fs/base/percent.h"
#include "httpd/http/headers.h"

namespace httpd::http {

namespace {

std::optional<std::string> decode_form(std::string_view text) {
    std::string spaced(text);
    std::ranges::replace(spaced, '+', ' ');
    return hubfs::percent_decode(spaced);
}

}  // namespace

std::string normal_path(std::string_view path) {
    std::string out;
    out.reserve(path.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
        std::uint8_t byte = 0;
        if (path[i] != '%') {
            out += path[i];
        } else if (!hubfs::from_hex(path.substr(i + 1, 2), &byte, 1)) {
            out += "%25";
        } else {
            const char c = static_cast<char>(byte);
            const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                               (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                               c == '~';
            if (plain) {
                out += c;
            } else {
                out += path.substr(i, 3);
            }
            i += 2;
        }
    }
    return out;
}

std::vector<std::string_view> split_path(std::string_view path) {
    std::vector<std::string_view> segments;
    if (!path.starts_with('/')) {
        return segments;
    }
    path.remove_prefix(1);
    while (true) {
        const auto slash = path.find('/');
        segments.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) {
            return segments;
        }
        path.remove_prefix(slash + 1);
    }
}

Parameters parse_query(std::string_view query) {
    Parameters parameters;
    while (!query.empty()) {
        const auto end = query.find('&');
        const std::string_view pair = query.substr(0, end);
        const auto equals = pair.find('=');
        auto name = decode_form(pair.substr(0, equals));
        auto value = equals == std::string_view::npos ? std::optional<std::string>("")
                                                      : decode_form(pair.substr(equals + 1));
        if (name && value && !name->empty()) {
            if (name->ends_with("[]")) {
                name->resize(name->size() - 2);
            }
            parameters.emplace_back(std::move(*name), std::move(*value));
        }
        if (end == std::string_view::npos) {
            break;
        }
        query.remove_prefix(end + 1);
    }
    return parameters;
}

const std::string* find_parameter(const Parameters& parameters, std::string_view name) {
    const auto found = std::ranges::find_if(
        parameters, [&](const auto& parameter) { return parameter.first == name; });
    return found == parameters.end() ? nullptr : &found->second;
}

bool flag_parameter(const Parameters& parameters, std::string_view name) {
    const std::string* const value = find_parameter(parameters, name);
    return value != nullptr && (iequals(*value, "true") || *value == "1");
}

}  // namespace httpd::http
