// SPDX-License-Identifier: Apache-2.0
// How upstream is reached: the [upstream] table of the configuration, as values.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "fs/upstream/breaker.h"
#include "fs/upstream/retry.h"

namespace hubfs::upstream {

struct UpstreamConfig {
    std::string url = "https://huggingface.co";  // of the Hub; a path in it goes before all targets
    std::vector<std::string> content_hosts{};    // "host", "host:port", "*.host"
    bool allow_http = false;                     // for the Hub and the content hosts
    // API: for the whole call. Content: from one byte to the next, retries included.
    std::chrono::milliseconds deadline{std::chrono::seconds(30)};
    std::size_t connections = 16;  // content transfers to one host at once
    std::string token{};           // the operator's; already read from its file
    std::string proxy{};
    std::string ca_file{};
    std::string user_agent = "hf-mirror/" HFM_VERSION;
    bool offline = false;  // every call fails at once with Code::offline
    RetryPolicy retry{};
    BreakerPolicy breaker{};
};

}  // namespace hubfs::upstream
