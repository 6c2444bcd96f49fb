// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/shape.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <utility>

#include "fs/base/clock.h"
#include "fs/doctor/limits.h"
#include "fs/doctor/trail.h"

namespace hubfs::doctor {
namespace {

namespace json = boost::json;

constexpr std::size_t kShownMax = 60;  // characters of a value in a message

std::string shortened(std::string text) {
    if (text.size() > kShownMax) {
        text.resize(kShownMax);
        text += "…";
    }
    return text;
}

bool all_of(std::string_view text, std::string_view allowed) {
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

bool hex(std::string_view text, std::size_t digits) {
    return text.size() == digits && all_of(text, "0123456789abcdef");
}

bool quoted_hex(std::string_view text, std::size_t digits) {
    return text.starts_with('"') && hex(bare_etag(text), digits);
}

// "api";r=499;t=46
bool rate_limit(std::string_view text) {
    return upstream::parse_rate_limit(text).has_value();
}

bool one_fits(std::string_view type, std::string_view text) {
    if (type.starts_with('=')) {
        return text == type.substr(1);
    }
    if (type.starts_with('^')) {
        return text.starts_with(type.substr(1));
    }
    if (type == "hex24" || type == "hex40" || type == "hex64") {
        return hex(text, type == "hex24" ? 24 : type == "hex40" ? 40 : 64);
    }
    if (type == "etag40" || type == "etag64") {
        return quoted_hex(text, type == "etag40" ? 40 : 64);
    }
    if (type == "date") {
        return instant_from(text).has_value();
    }
    if (type == "digits") {
        return all_of(text, "0123456789");
    }
    if (type == "weak etag") {
        return text.starts_with("W/\"") && text.ends_with('"');
    }
    if (type == "next link") {
        const auto next = next_of(text);
        return next && upstream::parse_url(*next).has_value();
    }
    if (type == "url") {
        return upstream::parse_url(text).has_value();
    }
    if (type == "ratelimit") {
        return rate_limit(text);
    }
    return type == "text" || type == "any";
}

// Calls `fits` with each alternative of "a | b" until one does.
template <class F>
bool any_alternative(std::string_view types, F fits) {
    constexpr std::string_view kOr = " | ";
    while (true) {
        const std::size_t end = types.find(kOr);
        if (fits(types.substr(0, end))) {
            return true;
        }
        if (end == std::string_view::npos) {
            return false;
        }
        types.remove_prefix(end + kOr.size());
    }
}

bool value_fits(std::string_view type, const json::value& value) {
    switch (value.kind()) {
        case json::kind::string:
            return type != "object" && type != "list" && one_fits(type, value.get_string());
        case json::kind::bool_: return type == "flag" || type == "any";
        case json::kind::null: return type == "null" || type == "any";
        case json::kind::object: return type == "object" || type == "any";
        case json::kind::array: return type == "list" || type == "any";
        case json::kind::int64:
            return type == "number" || type == "any" || (type == "count" && value.get_int64() >= 0);
        case json::kind::uint64: return type == "count" || type == "number" || type == "any";
        case json::kind::double_: return type == "number" || type == "any";
    }
    return false;
}

struct Key {
    std::string_view name;
    bool needed = false;
    bool optional = false;
};

Key key_of(std::string_view text) {
    Key key{text};
    if (text.ends_with('!') || text.ends_with('?')) {
        key = {text.substr(0, text.size() - 1), text.ends_with('!'), text.ends_with('?')};
    }
    return key;
}

std::string word_for(const json::value& shape) {
    return shape.is_object()  ? "object"
           : shape.is_array() ? "list"
                              : std::string(shape.get_string());
}

class Comparison {
public:
    explicit Comparison(Differences& differences) : differences_(differences) {}

    void value(const json::value& shape, const json::value& found, const std::string& at,
               bool needed) {
        if (shape.is_object() && found.is_object()) {
            object(shape.get_object(), found.get_object(), at, needed);
        } else if (shape.is_array() && found.is_array()) {
            list(shape.get_array(), found.get_array(), at, needed);
        } else if (!shape.is_string() || !any_alternative(std::string_view(shape.get_string()),
                                                          [&](std::string_view type) {
                                                              return value_fits(type, found);
                                                          })) {
            add({at, word_for(shape), shortened(json::serialize(found)), needed});
        }
    }

private:
    void add(Difference difference) {
        if (differences_.size() < kDifferencesMax) {
            differences_.push_back(std::move(difference));
        }
    }

    // An object or list that may be absent, but whose inside is written out, is relied on where it
    // is there.
    void object(const json::object& shape, const json::object& found, const std::string& at,
                bool needed) {
        const std::string prefix = at.empty() ? "" : at + ".";
        for (const auto& [text, inner] : shape) {
            const Key key = key_of(text);
            const json::value* const value_there = found.if_contains(key.name);
            if (value_there != nullptr) {
                const bool relied_on = key.needed || (key.optional && !inner.is_string());
                value(inner, *value_there, prefix + std::string(key.name), needed && relied_on);
            } else if (!key.optional) {
                add({prefix + std::string(key.name), word_for(inner), "nothing",
                     needed && key.needed});
            }
        }
        for (const auto& [name, unknown] : found) {
            const std::string_view wanted = name;
            const auto is_it = [&](const auto& pair) { return key_of(pair.key()).name == wanted; };
            if (std::ranges::none_of(shape, is_it)) {
                add({prefix + std::string(name), "nothing", shortened(json::serialize(unknown)),
                     false, true});
            }
        }
    }

    void list(const json::array& shape, const json::array& found, const std::string& at,
              bool needed) {
        const std::size_t before = differences_.size();
        for (std::size_t i = 0; i < found.size() && differences_.size() == before; ++i) {
            value(shape.at(0), found[i], at + "[" + std::to_string(i) + "]", needed);
        }
    }

    Differences& differences_;
};

}  // namespace

bool text_fits(std::string_view type, std::string_view text) {
    return any_alternative(type, [&](std::string_view one) { return one_fits(one, text); });
}

void compare_json(const json::value& shape, const json::value& value, Differences& differences) {
    Comparison(differences).value(shape, value, "", true);
}

void compare_fields(const json::object& shape, const upstream::ResponseHead& head,
                    Differences& differences) {
    for (const auto& [text, type] : shape) {
        const Key key = key_of(text);
        const std::string wanted(type.get_string());
        if (!head.has(key.name)) {
            if (!key.optional) {
                differences.push_back(
                    {"header " + std::string(key.name), wanted, "nothing", key.needed});
            }
            continue;
        }
        const std::string found = head.joined(key.name);
        if (!text_fits(wanted, found)) {
            differences.push_back(
                {"header " + std::string(key.name), wanted, shortened(found), key.needed});
        }
    }
}

}  // namespace hubfs::doctor
