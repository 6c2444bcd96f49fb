// SPDX-License-Identifier: Apache-2.0
// The options of hub-httpd as typed values. Options were checked when they were loaded; what is
// checked here is what only this program needs. Pure.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "fs/base/address.h"
#include "fs/base/options.h"
#include "fs/base/result.h"
#include "httpd/h1/connection.h"
#include "httpd/mount/io_pool.h"
#include "httpd/proxy/forwarder.h"
#include "httpd/routes/context.h"

namespace httpd::app {

struct Config {
    std::string node;  // as Cache-Status names us
    std::string mount_path;
    std::vector<hubfs::ListenAddress> listen;
    routes::Settings site;
    proxy::ForwarderConfig forwarder;
    std::string ca_file;
    // Only of a kind that the pass-through cannot use (SOCKS, https): said at the start.
    std::string upstream_proxy;
    std::string log_dir;
    std::chrono::milliseconds log_keep{};
    mount::IoPool::Limits pools{};
    h1::Timeouts timeouts{};
};

// Code::invalid with "key: reason".
[[nodiscard]] hubfs::Result<Config> config_from(const hubfs::Options& options);

}  // namespace httpd::app
