// SPDX-License-Identifier: Apache-2.0
// How a response is put on an HTTP/1.1 connection: its head as bytes, and how the end of its body
// is told (RFC 9112 section 6). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "httpd/http/response.h"

namespace httpd::h1 {

struct Framing {
    enum class Body : std::uint8_t { none, sized, chunked, until_close };
    Body body = Body::none;
    std::uint64_t length = 0;                       // of sized
    std::optional<std::uint64_t> content_length{};  // what the head says; HEAD says it without body
    bool close = false;
};

// `close`: the connection is to end whatever the response says.
[[nodiscard]] Framing frame(const http::Request& request, const http::Response& response,
                            bool close);

// Status line and fields. Framing and connection fields of the response itself are not sent.
[[nodiscard]] std::string encode_head(const http::Response& response, const Framing& framing);

// "1f\r\n"; the chunk is followed by "\r\n", the last by kLastChunk.
[[nodiscard]] std::string chunk_head(std::size_t n);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace httpd::h1
