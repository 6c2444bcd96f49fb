// SPDX-License-Identifier: Apache-2.0
// One request, asked and awaited on the caller's own thread: for programs that look at a server and
// end, not for the daemon (which has the transfer loop). Knows nothing of the Hub: redirects are
// answers, nothing is tried again, nothing is decoded.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "fs/base/result.h"
#include "fs/upstream/headers.h"
#include "fs/upstream/url.h"

namespace hubfs::upstream {

struct OneRequest {
    Url url{};
    std::string method = "GET";          // GET, HEAD or POST
    std::vector<std::string> headers{};  // "Name: value"
    std::string body{};                  // POST only
    std::size_t body_max_bytes = std::size_t{16} << 20;
};

struct OneAnswer {
    ResponseHead head{};
    std::string body{};
    bool cut = false;  // the body was longer than body_max_bytes, and is only its beginning
};

struct AskerConfig {
    std::optional<std::string> proxy{};  // nothing: what the environment says; empty: none
    std::string ca_file{};               // empty: the system's
    std::string user_agent = "hf-mirror/" HFM_VERSION;
    std::chrono::milliseconds deadline{std::chrono::seconds(30)};  // for the whole exchange
};

// Fails as transfers do (fs/upstream/curl_handles.h: unreachable, timed_out, unavailable,
// protocol); every HTTP status is an answer. Thread-safe.
[[nodiscard]] Result<OneAnswer> ask_once(const AskerConfig& config, const OneRequest& request);

}  // namespace hubfs::upstream
