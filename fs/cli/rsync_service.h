// SPDX-License-Identifier: Apache-2.0
// The stock rsync daemon as a program of the node: its generated files in node.run_dir, its port,
// and its log, which comes through a pipe and is rewritten before it reaches a file. One thread.
#pragma once

#include <memory>
#include <string>

#include "fs/base/address.h"
#include "fs/base/clock.h"
#include "fs/base/fd.h"
#include "fs/base/options.h"
#include "fs/base/result.h"
#include "fs/cli/day_log.h"
#include "fs/cli/line_reader.h"
#include "fs/cli/service.h"

namespace hubfs::cli {

class RsyncService {
public:
    // Writes rsyncd.conf and the message of the day and opens the pipe. Code::not_found when there
    // is no rsync, Code::unsupported when it could not listen. Options and clock must outlive it.
    static Result<std::unique_ptr<RsyncService>> prepare(const Options& options,
                                                         const Clock& clock);

    // Where the generated rsyncd.conf is.
    [[nodiscard]] static std::string config_file(const Options& options);

    // Holds a reference to this object.
    [[nodiscard]] ServiceSpec spec();
    // Readable when there are log lines.
    [[nodiscard]] int log_fd() const { return fifo_.get(); }
    void on_log_readable();

private:
    RsyncService(const Options& options, ListenAddress address, const Clock& clock);
    Status write_files(const Options& options);
    Result<ChildSpec> command();
    [[nodiscard]] std::optional<ReadyWords> probe();

    ListenAddress address_;
    bool any_port_;           // port 0 was asked for
    bool announced_ = false;  // the port must stay as it is
    std::string config_file_;
    std::string fifo_path_;
    Fd fifo_;  // open for both ways, so that rsync's end never blocks and ours never ends
    LineReader lines_;
    DayLog log_;
};

// A port that nobody listens on at this address now.
[[nodiscard]] Result<std::uint16_t> free_port(const ListenAddress& address);

// Nothing, or why a server could not listen at this address now (port 0: never): Code::unsupported,
// with what to do. A port that was left a moment ago is free, as rsync sees it (SO_REUSEADDR).
[[nodiscard]] Status can_listen(const ListenAddress& address);

// Whether an rsync daemon answers at this address; waits a second for each piece of its answer.
[[nodiscard]] bool greets(const ListenAddress& address);

}  // namespace hubfs::cli
