// SPDX-License-Identifier: Apache-2.0
// Builds the parts of hub-httpd in order, joins them in reverse: log, pools, event loops, site,
// listeners.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/result.h"
#include "httpd/app/config.h"

namespace httpd::app {

class Server {
public:
    // How long running answers may go on after stop().
    static constexpr std::chrono::seconds kDrain{10};
    // How long after that connections may take to end.
    static constexpr std::chrono::seconds kAbort{2};

    // Serves when this returns. The clock outlives the server.
    static hubfs::Result<std::unique_ptr<Server>> open(Config config, const hubfs::Clock& clock);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // "http://127.0.0.1:8080" of the first listener, with its real port.
    [[nodiscard]] std::string address() const;
    // No new connection, running answers end within kDrain, then all are cut. False when something
    // still hangs (a mount that does not answer): the process is then to end without destructors.
    [[nodiscard]] bool stop();

private:
    struct Parts;
    explicit Server(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace httpd::app
