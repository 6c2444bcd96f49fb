// SPDX-License-Identifier: Apache-2.0
#include "fs/hub/json_document.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <exception>
#include <limits>
#include <string>
#include <utility>

#include "fs/hub/limits.h"

namespace hubfs::hub {

namespace json = boost::json;

namespace {

// Builds values as Boost's own handler does, and counts the keys it has seen: Boost keeps the last
// of two equal keys, so a document that ends up with fewer members than keys had a double one.
struct Builder {
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();
    using Error = json::error_code;

    json::value_stack stack{};
    std::size_t keys = 0;

    bool on_document_begin(Error&) { return true; }
    bool on_document_end(Error&) { return true; }
    bool on_object_begin(Error&) { return true; }
    bool on_object_end(std::size_t n, Error&) {
        keys += n;
        stack.push_object(n);
        return true;
    }
    bool on_array_begin(Error&) { return true; }
    bool on_array_end(std::size_t n, Error&) {
        stack.push_array(n);
        return true;
    }
    bool on_key_part(json::string_view part, std::size_t, Error&) {
        stack.push_chars(part);
        return true;
    }
    bool on_key(json::string_view part, std::size_t, Error&) {
        stack.push_key(part);
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, Error&) {
        stack.push_chars(part);
        return true;
    }
    bool on_string(json::string_view part, std::size_t, Error&) {
        stack.push_string(part);
        return true;
    }
    bool on_number_part(json::string_view, Error&) { return true; }
    bool on_int64(std::int64_t number, json::string_view, Error&) {
        stack.push_int64(number);
        return true;
    }
    bool on_uint64(std::uint64_t number, json::string_view, Error&) {
        stack.push_uint64(number);
        return true;
    }
    bool on_double(double number, json::string_view, Error&) {
        stack.push_double(number);
        return true;
    }
    bool on_bool(bool flag, Error&) {
        stack.push_bool(flag);
        return true;
    }
    bool on_null(Error&) {
        stack.push_null();
        return true;
    }
    bool on_comment_part(json::string_view, Error&) { return true; }
    bool on_comment(json::string_view, Error&) { return true; }
};

// Members of all objects below; recursion is bounded by kJsonDepthMax.
std::size_t count_members(const json::value& value) {
    std::size_t members = 0;
    if (const json::object* object = value.if_object()) {
        members = object->size();
        for (const json::key_value_pair& member : *object) {
            members += count_members(member.value());
        }
    } else if (const json::array* list = value.if_array()) {
        for (const json::value& item : *list) {
            members += count_members(item);
        }
    }
    return members;
}

std::unexpected<Error> wrong_type(std::string_view key, std::string_view wanted) {
    return fail(Code::protocol, "'" + std::string(key) + "' is not " + std::string(wanted));
}

// Nothing for an absent member and for null.
const json::value* member(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(json::string_view(key.data(), key.size()));
    return value != nullptr && value->is_null() ? nullptr : value;
}

std::string_view view_of(const json::string& text) {
    return {text.data(), text.size()};
}

}  // namespace

Result<JsonDocument> JsonDocument::parse(std::string_view text) {
    try {
        auto memory = std::make_unique<Memory>();
        json::parse_options options;
        options.max_depth = kJsonDepthMax;
        json::basic_parser<Builder> parser(options);
        parser.handler().stack.reset(memory.get());
        json::error_code error;
        const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
        if (error) {
            return fail(Code::protocol,
                        "JSON at byte " + std::to_string(used) + ": " + error.message());
        }
        const std::size_t rest = text.find_first_not_of(" \t\r\n", used);
        if (rest != std::string_view::npos) {
            return fail(Code::protocol, "JSON is followed by more text");
        }
        auto root = std::make_unique<json::value>(parser.handler().stack.release());
        if (count_members(*root) != parser.handler().keys) {
            return fail(Code::protocol, "JSON has a key twice in one object");
        }
        return JsonDocument(std::move(memory), std::move(root));
    } catch (const std::exception& error) {
        return fail(Code::protocol, std::string("JSON: ") + error.what());
    }
}

Result<std::optional<std::string_view>> text_at(const json::object& object, std::string_view key) {
    const json::value* value = member(object, key);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_string()) {
        return wrong_type(key, "a text");
    }
    return view_of(value->get_string());
}

Result<std::string_view> required_text(const json::object& object, std::string_view key) {
    const auto found = text_at(object, key);
    if (!found) {
        return std::unexpected(found.error());
    }
    const std::optional<std::string_view> text = *found;
    if (!text) {
        return fail(Code::protocol, "'" + std::string(key) + "' is missing");
    }
    return *text;
}

Result<bool> flag_at(const json::object& object, std::string_view key) {
    const json::value* value = member(object, key);
    if (value == nullptr) {
        return false;
    }
    if (!value->is_bool()) {
        return wrong_type(key, "true or false");
    }
    return value->get_bool();
}

Result<std::uint64_t> size_at(const json::object& object, std::string_view key) {
    const json::value* value = member(object, key);
    if (value == nullptr || !value->is_int64() || value->get_int64() < 0 ||
        static_cast<std::uint64_t>(value->get_int64()) > kSizeMax) {
        return wrong_type(key, "a size");
    }
    return static_cast<std::uint64_t>(value->get_int64());
}

}  // namespace hubfs::hub
