// SPDX-License-Identifier: Apache-2.0
// One request as the routes see it, whatever protocol brought it. The head was checked before
// (h1/raw_head): no control characters, one Host, an unambiguous length. Owned by whoever answers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "fs/base/clock.h"
#include "httpd/http/body_source.h"
#include "httpd/http/headers.h"

namespace httpd::http {

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options, other };

struct Request {
    Method method = Method::get;
    std::string method_text = "GET";
    std::string path;   // as sent, percent-encoded, without the query; "*" for OPTIONS *
    std::string query;  // as sent, without "?"
    bool has_query = false;
    std::string scheme = "http";
    std::string host;  // authority as the client named it
    int minor_version = 1;
    Headers headers;
    std::string client;                // truncated address; the full one is not kept here
    hubfs::Instant started{};          // before anything was looked at: X-Cache compares with it
    std::shared_ptr<BodyReader> body;  // null: there is none
    std::optional<std::uint64_t> body_length;

    [[nodiscard]] bool get_or_head() const {
        return method == Method::get || method == Method::head;
    }
    // Origin-form, as it was sent.
    [[nodiscard]] std::string target() const { return has_query ? path + "?" + query : path; }
};

[[nodiscard]] Method method_from(std::string_view text);

}  // namespace httpd::http
