// SPDX-License-Identifier: Apache-2.0
// The daemon: builds the parts in their order, serves until it is told to stop, takes them apart in
// reverse. main() owns one; one thread.
#pragma once

#include <memory>

#include "fs/base/fd.h"
#include "fs/base/options.h"
#include "fs/base/result.h"
#include "fs/supervisor/handover.h"

namespace hubfs::app {

struct DaemonStart {
    supervisor::Handover handover;
    Fd device;   // /dev/fuse, mounted, INIT answered
    Fd channel;  // to the supervisor
    Fd backing;  // asks it for passthrough
    Fd rows;     // the table of open files
    Fd signals;  // a signalfd: any signal there means stop
};

class Daemon {
public:
    // Code::unsupported: a prerequisite is missing; Code::invalid: the configuration cannot work.
    static Result<std::unique_ptr<Daemon>> open(const Options& options, DaemonStart start);
    virtual ~Daemon() = default;

    // Serves, tells the supervisor so, and returns when a signal came, the supervisor went or the
    // kernel ended the connection. Everything under way is answered by then.
    virtual Status run() = 0;
};

}  // namespace hubfs::app
