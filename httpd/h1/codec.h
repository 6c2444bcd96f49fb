// SPDX-License-Identifier: Apache-2.0
// Bytes to messages: heads by Beast's HTTP/1 parser (codec.cpp is the only file that knows it),
// bodies by body_framing. Requests are checked by raw_head before they come here; responses (the
// pass-through's) are checked here. No I/O. A decoder serves one message; one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fs/base/result.h"
#include "httpd/h1/body_framing.h"
#include "httpd/http/request.h"

namespace httpd::h1 {

class RequestDecoder {
public:
    // `head`: complete, from the request line to the empty line.
    [[nodiscard]] hubfs::Result<http::Request> head(std::string_view head);
    // Takes body bytes from `in`, appends them decoded to `out`; how many of `in` were used. What
    // is left belongs to the next call (with more after it) or, when done(), to the next request.
    [[nodiscard]] hubfs::Result<std::size_t> body(std::string_view in, std::string& out) {
        return framing_.feed(in, out);
    }
    [[nodiscard]] bool done() const { return framing_.done(); }
    [[nodiscard]] bool keep_alive() const { return keep_alive_; }

private:
    BodyFraming framing_ = BodyFraming::none();
    bool keep_alive_ = false;
};

struct ResponseHead {
    int status = 0;
    http::Headers headers;
    std::optional<std::uint64_t> length;  // of the body; nothing when only its end tells
};

class ResponseDecoder {
public:
    // to_head: the request was a HEAD, so that there is no body whatever the head says.
    explicit ResponseDecoder(bool to_head) : to_head_(to_head) {}

    // Nothing while the head is incomplete; `used` says how many bytes it took. Interim responses
    // (1xx) are skipped.
    [[nodiscard]] hubfs::Result<std::optional<ResponseHead>> head(std::string_view in,
                                                                  std::size_t& used);
    [[nodiscard]] hubfs::Result<std::size_t> body(std::string_view in, std::string& out) {
        return framing_.feed(in, out);
    }
    // The connection ended: an error unless that is how this body ends.
    [[nodiscard]] hubfs::Status end_of_stream() { return framing_.end_of_stream(); }
    [[nodiscard]] bool done() const { return framing_.done(); }

private:
    BodyFraming framing_ = BodyFraming::until_close();
    bool to_head_;
};

}  // namespace httpd::h1
