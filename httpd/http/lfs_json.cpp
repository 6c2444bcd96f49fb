// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/lfs_json.h"

#include <algorithm>
#include <boost/json.hpp>
#include <exception>

namespace httpd::http {

namespace json = boost::json;

namespace {

std::optional<json::object> parse_object(std::string_view text) {
    try {
        json::error_code error;
        json::value value = json::parse(json::string_view(text.data(), text.size()), error);
        if (!error && value.is_object()) {
            return std::move(value.get_object());
        }
    } catch (const std::exception&) {  // out of memory and the like: as good as malformed
    }
    return std::nullopt;
}

std::string text_of(const json::object& object, const char* key) {
    const json::value* const value = object.if_contains(key);
    if (value == nullptr || !value->is_string()) {
        return {};
    }
    const json::string& text = value->get_string();
    return {text.data(), text.size()};
}

const json::object* object_of(const json::object& object, const char* key) {
    const json::value* const value = object.if_contains(key);
    return value != nullptr ? value->if_object() : nullptr;
}

// The objects of a question or an answer; nothing when there is no such list.
const json::array* objects_of(const json::object& object) {
    const json::value* const value = object.if_contains("objects");
    const json::array* const list = value != nullptr ? value->if_array() : nullptr;
    return list != nullptr && list->size() <= kLfsObjectsMax ? list : nullptr;
}

std::optional<LfsObject> named(const json::value& value) {
    const json::object* const object = value.if_object();
    const json::value* const size = object != nullptr ? object->if_contains("size") : nullptr;
    if (size == nullptr) {
        return std::nullopt;
    }
    json::error_code error;
    const auto bytes = size->to_number<std::uint64_t>(error);
    LfsObject result{text_of(*object, "oid"), bytes};
    return !error && is_lfs_oid(result.oid) ? std::optional(std::move(result)) : std::nullopt;
}

json::object described(const LfsObject& object) {
    return {{"oid", object.oid}, {"size", object.size}};
}

}  // namespace

bool is_lfs_oid(std::string_view text) {
    return text.size() == 64 && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

std::optional<LfsBatch> parse_lfs_batch(std::string_view body) {
    const auto batch = parse_object(body);
    const json::array* const list = batch ? objects_of(*batch) : nullptr;
    if (list == nullptr) {
        return std::nullopt;
    }
    LfsBatch result;
    result.download = text_of(*batch, "operation") == "download";
    if (const json::object* const ref = object_of(*batch, "ref")) {
        result.ref = text_of(*ref, "name");
    }
    for (const json::value& value : *list) {
        auto object = named(value);
        if (!object) {
            return std::nullopt;
        }
        result.objects.push_back(std::move(*object));
    }
    return result;
}

std::optional<std::vector<LfsPlace>> parse_lfs_answer(std::string_view body) {
    const auto answer = parse_object(body);
    const json::array* const list = answer ? objects_of(*answer) : nullptr;
    if (list == nullptr) {
        return std::nullopt;
    }
    std::vector<LfsPlace> places;
    for (const json::value& value : *list) {
        auto object = named(value);
        if (!object) {
            return std::nullopt;
        }
        LfsPlace place{.object = std::move(*object)};
        const json::object* const actions = object_of(value.get_object(), "actions");
        if (const auto* const download =
                actions != nullptr ? object_of(*actions, "download") : nullptr) {
            place.href = text_of(*download, "href");
        }
        if (const json::object* const error = object_of(value.get_object(), "error")) {
            const json::value* const code = error->if_contains("code");
            json::error_code ignored;
            place.error_code = code != nullptr ? code->to_number<int>(ignored) : 0;
            place.error_message = text_of(*error, "message");
        }
        places.push_back(std::move(place));
    }
    return places;
}

std::string lfs_question(const std::vector<LfsObject>& objects) {
    json::array list;
    for (const LfsObject& object : objects) {
        list.push_back(described(object));
    }
    return json::serialize(json::object{{"operation", "download"},
                                        {"transfers", json::array{"basic"}},
                                        {"objects", std::move(list)}});
}

std::string lfs_answer(const std::vector<LfsPlace>& places) {
    json::array list;
    for (const LfsPlace& place : places) {
        json::object object = described(place.object);
        if (place.href.empty()) {
            object["error"] = {{"code", place.error_code}, {"message", place.error_message}};
        } else {
            json::object download{{"href", place.href}};
            if (!place.authorization.empty()) {
                download["header"] = {{"Authorization", place.authorization}};
            }
            object["authenticated"] = true;  // git-lfs need not ask anybody for a password
            object["actions"] = json::object{{"download", std::move(download)}};
        }
        list.push_back(std::move(object));
    }
    return json::serialize(json::object{{"transfer", "basic"}, {"objects", std::move(list)}});
}

}  // namespace httpd::http
