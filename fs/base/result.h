// SPDX-License-Identifier: Apache-2.0
// Expected failures as values. An Error says what the caller can do (its code) and what happened
// (its message, one phrase per layer, never a secret). Absence that is not a failure is a
// std::optional inside the Result. The tables of docs/errors.md turn a Code into an errno
// (fs/fuse/to_errno.cpp) and an errno into an HTTP status (httpd/routes/status_of.cpp).
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace hubfs {

enum class Code : std::uint8_t {
    not_found,      // the Hub, or the tree of the commit, has no such thing
    denied,         // private or disabled, or policy refuses it
    gated,          // a gated repository: nobody reads it through the mirror's cache
    rate_limited,   // upstream's 429, or our own budget is spent
    unavailable,    // upstream answered 5xx
    protocol,       // TLS failure, or an answer that breaks HTTP or the Hub's rules
    unreachable,    // no name, connection refused, network down
    timed_out,      // a deadline passed
    cancelled,      // the caller went away
    corrupt,        // content did not verify
    no_space,       // disk or quota full
    io,             // the local system failed
    invalid,        // input that can never work
    unsupported,    // a known operation that is not offered here
    read_only,      // a write
    not_directory,  // a path component is not a directory
    is_directory,   // a file was asked for and it is a directory
    no_attribute,   // no such extended attribute here
    name_too_long,  // a name or path over its limit
    stale,          // a handle or inode number from before, unknown now
    offline,        // upstream.offline is set and the answer is not held here
};

struct Error {
    Code code;
    std::string message;
};

template <class T>
using Result = std::expected<T, Error>;

using Status = Result<void>;

[[nodiscard]] inline std::unexpected<Error> fail(Code code, std::string message) {
    return std::unexpected<Error>(Error{code, std::move(message)});
}

// The same error with one more phrase of context in front.
[[nodiscard]] inline std::unexpected<Error> within(std::string_view context, Error error) {
    error.message.insert(0, std::string(context) + ": ");
    return std::unexpected<Error>(std::move(error));
}

// How an asynchronous call answers: exactly once, on the caller's own thread when the answer is
// local, else on a thread of the part that found it. It must not block.
template <class T>
using Done = std::move_only_function<void(Result<T>)>;

[[nodiscard]] std::string_view name_of(Code code);

}  // namespace hubfs
