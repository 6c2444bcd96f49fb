// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/headers.h"

#include <algorithm>

namespace httpd::http {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool token_char(char c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
        return true;
    }
    return c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace

bool iequals(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool istarts_with(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && iequals(text.substr(0, prefix.size()), prefix);
}

std::string to_lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> list_members(std::string_view value) {
    std::vector<std::string_view> members;
    while (!value.empty()) {
        const auto comma = value.find(',');
        const std::string_view member = trim(value.substr(0, comma));
        if (!member.empty()) {
            members.push_back(member);
        }
        if (comma == std::string_view::npos) {
            break;
        }
        value.remove_prefix(comma + 1);
    }
    return members;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, token_char);
}

bool is_field_value(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return c == '\t' || (byte >= 0x20 && byte != 0x7f);
    });
}

void Headers::add(std::string_view name, std::string_view value) {
    fields_.push_back(Field{std::string(name), std::string(value)});
}

void Headers::set(std::string_view name, std::string_view value) {
    remove(name);
    add(name, value);
}

void Headers::remove(std::string_view name) {
    std::erase_if(fields_, [&](const Field& field) { return iequals(field.name, name); });
}

const std::string* Headers::find(std::string_view name) const {
    for (const Field& field : fields_) {
        if (iequals(field.name, name)) {
            return &field.value;
        }
    }
    return nullptr;
}

std::string_view Headers::get(std::string_view name) const {
    const std::string* const value = find(name);
    return value == nullptr ? std::string_view() : std::string_view(*value);
}

std::string Headers::joined(std::string_view name) const {
    std::string all;
    for (const Field& field : fields_) {
        if (iequals(field.name, name)) {
            all += all.empty() ? "" : ", ";
            all += field.value;
        }
    }
    return all;
}

std::size_t Headers::count(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        fields_, [&](const Field& field) { return iequals(field.name, name); }));
}

bool Headers::lists(std::string_view name, std::string_view token) const {
    return std::ranges::any_of(fields_, [&](const Field& field) {
        return iequals(field.name, name) &&
               std::ranges::any_of(list_members(field.value),
                                   [&](std::string_view member) { return iequals(member, token); });
    });
}

}  // namespace httpd::http
