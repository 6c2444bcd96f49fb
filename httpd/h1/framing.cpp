// SPDX-License-Identifier: Apache-2.0
#include "httpd/h1/framing.h"

#include <array>
#include <charconv>

namespace httpd::h1 {

Framing frame(const http::Request& request, const http::Response& response, bool close) {
    Framing framing;
    framing.close = close || response.close || request.minor_version == 0;
    if (response.status == 204 || response.status == 304) {
        return framing;
    }
    const bool unknown =
        response.length_unknown || (response.source != nullptr && !response.length.has_value());
    if (!unknown) {
        framing.content_length =
            response.length.value_or(static_cast<std::uint64_t>(response.text.size()));
    }
    if (request.method == http::Method::head) {
        return framing;
    }
    if (!unknown) {
        framing.body = *framing.content_length == 0 ? Framing::Body::none : Framing::Body::sized;
        framing.length = *framing.content_length;
    } else if (request.minor_version == 0) {
        framing.body = Framing::Body::until_close;
    } else {
        framing.body = Framing::Body::chunked;
    }
    return framing;
}

std::string encode_head(const http::Response& response, const Framing& framing) {
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
    head.reserve(1024);
    head += http::reason_of(response.status);
    head += "\r\n";
    for (const auto& field : response.headers) {
        if (http::iequals(field.name, "Content-Length") ||
            http::iequals(field.name, "Transfer-Encoding") ||
            http::iequals(field.name, "Connection")) {
            continue;
        }
        if (!http::is_token(field.name) || !http::is_field_value(field.value)) {
            continue;  // never let a value end the head
        }
        head += field.name;
        head += ": ";
        head += field.value;
        head += "\r\n";
    }
    if (framing.content_length) {
        head += "Content-Length: " + std::to_string(*framing.content_length) + "\r\n";
    } else if (framing.body == Framing::Body::chunked) {
        head += "Transfer-Encoding: chunked\r\n";
    }
    head += framing.close ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n";
    return head;
}

std::string chunk_head(std::size_t n) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), n, 16).ptr;
    return std::string(digits.data(), end) + "\r\n";
}

}  // namespace httpd::h1
