// SPDX-License-Identifier: Apache-2.0
// Sleepers with the command line of an rsync daemon.
#include "fs/cli/leftover_rsync.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <string>

#include "fs/cli/child.h"
#include "fs/cli/line_reader.h"

namespace hubfs::cli {
namespace {

// A shell that stops itself; the words behind its script are what /proc shows.
Child sleeper(const std::string& config_file) {
    const std::string words = " --daemon --config=" + config_file;
    auto child = Child::start(
        {.program = "/bin/bash",
         .arguments = {"-c", "exec -a rsync /bin/sh -c 'echo up; kill -STOP $$'" + words}});
    EXPECT_TRUE(child.has_value());
    bool up = false;
    LineReader lines;
    pollfd out{child->out_fd(), POLLIN, 0};
    while (!up && ::poll(&out, 1, 20'000) == 1 &&
           lines.read(child->out_fd(), [&](std::string_view line) { up = line == "up"; })) {
    }
    EXPECT_TRUE(up);
    return std::move(*child);
}

TEST(LeftoverRsync, OnlyTheOneWithThisConfigurationIsEnded) {
    const std::string ours = "/nonexistent/" + std::to_string(::getpid()) + "/rsyncd.conf";
    Child left = sleeper(ours);
    const Child other = sleeper(ours + ".other");
    EXPECT_EQ(end_leftover_rsync(ours), 1);
    EXPECT_EQ(left.reap().signal, SIGKILL);
    EXPECT_EQ(::kill(other.pid(), 0), 0);
    pollfd end{other.end_fd(), POLLIN, 0};
    EXPECT_EQ(::poll(&end, 1, 0), 0) << "the other one lives";
    EXPECT_EQ(end_leftover_rsync(ours), 0);
}

}  // namespace
}  // namespace hubfs::cli
