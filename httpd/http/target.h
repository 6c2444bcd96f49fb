// SPDX-License-Identifier: Apache-2.0
// Request targets: path segments and query parameters. Segments are cut before anything is
// decoded, so "%2F" inside one stays inside it (hub-api: every client spells refs%2Fpr%2F1). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace httpd::http {

// The one spelling of a path that everybody after this looks at (RFC 3986 section 6.2.2.2): escapes
// of letters, digits and -._~ are decoded, so that no word of an address can hide in them; a "%"
// that begins no escape stands for itself (huggingface.js sends file names as they are).
[[nodiscard]] std::string normal_path(std::string_view path);

// "/a/b%2Fc/" -> {"a", "b%2Fc", ""}; the leading slash is required.
[[nodiscard]] std::vector<std::string_view> split_path(std::string_view path);

// Name and value of each parameter, decoded once, "+" as a space; those that cannot be decoded are
// left out. "key[]" is "key" (both spellings are in use).
using Parameters = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] Parameters parse_query(std::string_view query);
[[nodiscard]] const std::string* find_parameter(const Parameters& parameters,
                                                std::string_view name);
// True for "true", "True", "1"; the Hub's clients send all of them.
[[nodiscard]] bool flag_parameter(const Parameters& parameters, std::string_view name);

}  // namespace httpd::http
