// SPDX-License-Identifier: Apache-2.0
// Whether a text is one JSON value: read through, nothing is built of it.
#include <boost/json/basic_parser_impl.hpp>
#include <exception>
#include <limits>
#include <string>

#include "fs/hub/json.h"
#include "fs/hub/limits.h"

namespace hubfs::hub {

namespace json = boost::json;

namespace {

// Boost's parser tells a handler what it meets; this one wants to know nothing of it.
struct Unheeding {
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();
    using Error = json::error_code;

    bool on_document_begin(Error&) { return true; }
    bool on_document_end(Error&) { return true; }
    bool on_object_begin(Error&) { return true; }
    bool on_object_end(std::size_t, Error&) { return true; }
    bool on_array_begin(Error&) { return true; }
    bool on_array_end(std::size_t, Error&) { return true; }
    bool on_key_part(json::string_view, std::size_t, Error&) { return true; }
    bool on_key(json::string_view, std::size_t, Error&) { return true; }
    bool on_string_part(json::string_view, std::size_t, Error&) { return true; }
    bool on_string(json::string_view, std::size_t, Error&) { return true; }
    bool on_number_part(json::string_view, Error&) { return true; }
    bool on_int64(std::int64_t, json::string_view, Error&) { return true; }
    bool on_uint64(std::uint64_t, json::string_view, Error&) { return true; }
    bool on_double(double, json::string_view, Error&) { return true; }
    bool on_bool(bool, Error&) { return true; }
    bool on_null(Error&) { return true; }
    bool on_comment_part(json::string_view, Error&) { return true; }
    bool on_comment(json::string_view, Error&) { return true; }
};

}  // namespace

Status check_json(std::string_view body) {
    try {
        json::parse_options options;
        options.max_depth = kJsonDepthMax;
        json::basic_parser<Unheeding> parser(options);
        json::error_code error;
        const std::size_t used = parser.write_some(false, body.data(), body.size(), error);
        if (error) {
            return fail(Code::protocol,
                        "JSON at byte " + std::to_string(used) + ": " + error.message());
        }
        if (body.find_first_not_of(" \t\r\n", used) != std::string_view::npos) {
            return fail(Code::protocol, "JSON is followed by more text");
        }
        return {};
    } catch (const std::exception& error) {
        return fail(Code::protocol, std::string("JSON: ") + error.what());
    }
}

}  // namespace hubfs::hub
