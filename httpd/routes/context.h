// SPDX-License-Identifier: Apache-2.0
// What the routes work with: the mount and its two pools, the clock, and a few settings. References
// outlive every request. And what a route answers: a response, or "upstream must be asked".
#pragma once

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

struct Settings {
    std::string public_url;  // scheme and authority of links; empty: as the client named us
    bool passthrough = true;
    bool writes = true;
};

struct Context {
    const mount::MountReader& reader;
    mount::Epoch& epoch;
    mount::KnownNames& known;
    mount::IoPool& pool;
    const hubfs::Clock& clock;
    const Settings& settings;
};

// Ask upstream instead, where that is allowed; the outcome's response is what is said otherwise.
struct PassThrough {
    bool with_token = true;
    bool filter_json = false;
    std::optional<std::string> body{};
    bool local_if_failed = false;  // the response is also good when upstream fails
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
