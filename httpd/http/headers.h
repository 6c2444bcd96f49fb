// SPDX-License-Identifier: Apache-2.0
// Header fields as a list that keeps order and spelling; names compare without regard to case
// (RFC 9110 section 5.1). A value type, used by one thread at a time. It knows no protocol version:
// what may stand in a name or value on the wire is checked by h1/raw_head.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace httpd::http {

// ASCII only: header names, schemes and hosts.
[[nodiscard]] bool iequals(std::string_view a, std::string_view b);
[[nodiscard]] bool istarts_with(std::string_view text, std::string_view prefix);
[[nodiscard]] std::string to_lower(std::string_view text);
// Without spaces and tabs around it (RFC 9110 OWS).
[[nodiscard]] std::string_view trim(std::string_view text);
// The members of a comma-separated list, trimmed, empty ones left out (RFC 9110 section 5.6.1).
// Commas in quoted strings are not recognised: not for lists that may hold them.
[[nodiscard]] std::vector<std::string_view> list_members(std::string_view value);
// RFC 9110 section 5.6.2: a token.
[[nodiscard]] bool is_token(std::string_view text);
// Printable, or a tab, or above ASCII: what a field value may hold.
[[nodiscard]] bool is_field_value(std::string_view text);

class Headers {
public:
    struct Field {
        std::string name;
        std::string value;
    };

    void add(std::string_view name, std::string_view value);
    // Replaces every field of this name by one.
    void set(std::string_view name, std::string_view value);
    void remove(std::string_view name);
    // The first one's value; nothing when there is none. Valid until the next change.
    [[nodiscard]] const std::string* find(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
    // The first one's value, or the empty text.
    [[nodiscard]] std::string_view get(std::string_view name) const;
    // All values joined by ", " as RFC 9110 section 5.3 allows.
    [[nodiscard]] std::string joined(std::string_view name) const;
    [[nodiscard]] std::size_t count(std::string_view name) const;
    // Whether some field of this name lists this token.
    [[nodiscard]] bool lists(std::string_view name, std::string_view token) const;

    [[nodiscard]] auto begin() const { return fields_.begin(); }
    [[nodiscard]] auto end() const { return fields_.end(); }
    [[nodiscard]] std::size_t size() const { return fields_.size(); }

private:
    std::vector<Field> fields_;
};

}  // namespace httpd::http
