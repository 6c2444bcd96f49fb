// SPDX-License-Identifier: Apache-2.0
// Where a message's body ends, byte by byte: by length, by chunks (RFC 9112 section 7.1), or with
// the connection. Our own because a lenient chunk parser is a smuggler's friend: a size is 1 to 16
// hex digits and nothing else before ";" or CRLF, every line ends in CRLF, a chunk ends in CRLF.
// Chunk extensions and trailers are dropped. Pure; fuzzed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fs/base/result.h"

namespace httpd::h1 {

// Of one chunk line or trailer line, and of all trailers together.
inline constexpr std::size_t kChunkLineMax = 4096;
inline constexpr std::size_t kTrailerBytesMax = 16 * 1024;

class BodyFraming {
public:
    static BodyFraming none() { return BodyFraming(State::done, 0); }
    static BodyFraming sized(std::uint64_t length) {
        return BodyFraming(length == 0 ? State::done : State::bytes, length);
    }
    static BodyFraming chunked() { return BodyFraming(State::size_line, 0); }
    static BodyFraming until_close() { return BodyFraming(State::until_close, 0); }

    // Takes bytes from `in`, appends the body's to `out`; how many were used: less than all only
    // when the body is done or a line is incomplete. Code::protocol for what breaks the rules.
    [[nodiscard]] hubfs::Result<std::size_t> feed(std::string_view in, std::string& out);
    // The connection ended: an error unless that is how this body ends.
    [[nodiscard]] hubfs::Status end_of_stream();
    [[nodiscard]] bool done() const { return state_ == State::done; }

private:
    enum class State : std::uint8_t {
        bytes,        // of a sized body
        size_line,    // before a chunk
        chunk_bytes,  // in it
        chunk_end,    // the CRLF after it
        trailer,      // lines after the last chunk
        until_close,
        done,
    };
    BodyFraming(State state, std::uint64_t left) : state_(state), left_(left) {}
    hubfs::Status line(std::string_view text);

    State state_;
    std::uint64_t left_;  // bytes of the body or chunk still to come
    std::size_t trailer_bytes_ = 0;
};

}  // namespace httpd::h1
