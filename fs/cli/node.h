// SPDX-License-Identifier: Apache-2.0
// The programs of one node in the foreground: starts the first (the mount), then the others on top
// of it, says ready once, starts again what may be started again, and stops all in reverse order.
// One thread, one poll loop; every wait has an end. Knows no configuration.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/fd.h"
#include "fs/cli/service.h"

namespace hubfs::cli {

struct NodeHooks {
    int stop_fd = -1;                        // readable: stop now
    std::function<void()> on_stop_readable;  // empties it
    int log_fd = -1;                         // readable: lines for on_log
    std::function<void()> on_log_readable;
    std::function<void(const std::string&)> on_ready;  // the ready line, once
};

class Node {
public:
    // `specs`: the first is the mount; all others need it. They go on while it is started again.
    Node(std::vector<ServiceSpec> specs, NodeHooks hooks, const Clock& clock);

    // Until everything has ended. 0: stopped by request and all went well.
    int run();

private:
    void wait();
    void look_after();
    void start(Service& service);
    void begin_stop(int exit_code);
    void stop_mount_when_alone();
    [[nodiscard]] bool over() const;
    [[nodiscard]] int timeout_ms() const;

    std::vector<std::unique_ptr<Service>> services_;
    NodeHooks hooks_;
    const Clock& clock_;
    bool stopping_ = false;
    bool said_ready_ = false;
    int exit_code_ = 0;
};

}  // namespace hubfs::cli
