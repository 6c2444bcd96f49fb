// SPDX-License-Identifier: Apache-2.0
#include "fs/supervisor/child.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace hubfs::supervisor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Child, ItsExitCodeComesBack) {
    const auto pid = spawn([] { return 7; });
    ASSERT_TRUE(pid);
    const auto status = wait_for(*pid, seconds(10));
    ASSERT_TRUE(status);
    EXPECT_EQ(describe_status(*status), "exit code 7");
}

TEST(Child, WaitingForOneThatStaysEndsInTime) {
    const auto pid = spawn([]() -> int {
        for (;;) {
            pause();
        }
    });
    ASSERT_TRUE(pid);
    EXPECT_FALSE(wait_for(*pid, milliseconds(1)));
    kill(*pid, SIGKILL);
    const auto status = wait_for(*pid, seconds(10));
    ASSERT_TRUE(status);
    EXPECT_EQ(describe_status(*status), "signal 9 (Killed)");
}

TEST(Child, ItDiesWithItsParent) {
    int pipe_fds[2];
    ASSERT_EQ(pipe(pipe_fds), 0);
    // The child of a child: its parent ends at once, and it holds the only end of a pipe.
    const auto pid = spawn([&] {
        close(pipe_fds[0]);
        const auto grandchild = spawn([]() -> int {
            for (;;) {
                pause();
            }
        });
        return grandchild ? 0 : 1;
    });
    ASSERT_TRUE(pid);
    close(pipe_fds[1]);
    ASSERT_EQ(wait_for(*pid, seconds(10)), 0);
    char byte = 0;
    EXPECT_EQ(read(pipe_fds[0], &byte, 1), 0);  // the end: nobody holds it any more
    close(pipe_fds[0]);
}

}  // namespace
}  // namespace hubfs::supervisor
