// SPDX-License-Identifier: Apache-2.0
// What the routes work with: the mount and its two pools, the clock, and a few settings. References
// outlive every request. And what a route answers: a response, or "upstream must be asked".
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "fs/base/clock.h"
#include "httpd/http/forwarder.h"
#include "httpd/http/request.h"
#include "httpd/http/response.h"
#include "httpd/mount/epoch.h"
#include "httpd/mount/io_pool.h"
#include "httpd/mount/known_names.h"
#include "httpd/mount/mount_reader.h"

namespace httpd::routes {

class FileBody;
class UnderWay;

struct Settings {
    std::string public_url;  // scheme and authority of links; empty: as the client named us
    bool passthrough = true;
    bool writes = true;
    // How long hubfs remembers that something is not there (freshness.absent).
    std::chrono::milliseconds absent{std::chrono::seconds(10)};
    // How long hubfs believes a repository's state, and that a name leads to another
    // (freshness.state).
    std::chrono::milliseconds state{std::chrono::minutes(1)};
    // How long an answer may wait for the mount: longer than hubfs lets anybody wait for upstream.
    std::chrono::milliseconds patience{std::chrono::seconds(40)};
};

struct Context {
    const mount::MountReader& reader;
    mount::Epoch& epoch;
    mount::KnownNames& known;
    mount::KnownNames& doubted;  // ETags of contents of which wrong bytes may have been sent lately
    UnderWay& under_way;
    mount::IoPool& pool;
    const hubfs::Clock& clock;
    const Settings& settings;
};

struct Outcome;

// Ask upstream instead, where that is allowed; the outcome's response is what is said otherwise.
struct PassThrough {
    bool with_token = true;
    bool filter_json = false;
    std::optional<std::string> body{};
    bool local_if_failed = false;            // the response is also good when upstream fails
    std::optional<http::Request> request{};  // instead of the client's
    std::string address{};                   // where to ask, as upstream told; see http::Forward
    std::size_t read_whole = 0;              // the answer as text, at most so many bytes
    // What upstream's answer means: fills the outcome that is to come of it. Runs on an event loop.
    std::move_only_function<void(http::Response, Outcome*)> then{};  // never null
};

struct Outcome {
    http::Response response{};
    std::optional<PassThrough> pass{};
    // The response's own source, when its first bytes must still be fetched: they are read in the
    // cold pool before the head is sent, so that a failure can still be told.
    FileBody* prime = nullptr;
    std::string cold_key{};  // the repository, for the cold pool's shares
};

[[nodiscard]] inline Outcome answer(http::Response response) {
    Outcome outcome;
    outcome.response = std::move(response);
    return outcome;
}

// Scheme and authority under which the client knows us, without a trailing slash.
[[nodiscard]] std::string base_address(const Settings& settings, const http::Request& request);

}  // namespace httpd::routes
