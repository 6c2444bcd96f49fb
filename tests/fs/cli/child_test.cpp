// SPDX-License-Identifier: Apache-2.0
// Real processes: /bin/sh is the program.
#include "fs/cli/child.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "fs/cli/line_reader.h"

namespace hubfs::cli {
namespace {

constexpr int kPatienceMs = 20'000;

Result<Child> shell(const std::string& script) {
    return Child::start({"/bin/sh", {"-c", script}});
}

bool readable(int fd) {
    pollfd one{fd, POLLIN, 0};
    return ::poll(&one, 1, kPatienceMs) == 1;
}

std::string first_line(const Child& child) {
    LineReader lines;
    std::string first;
    while (first.empty() && readable(child.out_fd()) &&
           lines.read(child.out_fd(), [&](std::string_view line) {
               if (first.empty()) {
                   first = line;
               }
           })) {
    }
    return first;
}

TEST(Child, TellsHowItEnded) {
    auto seven = shell("exit 7");
    ASSERT_TRUE(seven.has_value()) << seven.error().message;
    EXPECT_TRUE(readable(seven->end_fd()));
    EXPECT_EQ(seven->reap().text(), "exit code 7");
    EXPECT_FALSE(seven->running());
    auto killed = shell("kill -9 $$");
    EXPECT_TRUE(readable(killed->end_fd()));
    EXPECT_EQ(killed->reap().text(), "signal 9");
}

TEST(Child, ReportsAProgramThatIsNotThere) {
    EXPECT_EQ(Child::start({"/nonexistent/program", {}}).error().code, Code::not_found);
    EXPECT_EQ(Child::start({"/etc/passwd", {}}).error().code, Code::io);
}

TEST(Child, HasItsOwnGroupNoInputAndAPipeForOutput) {
    auto child = shell("cat; ps -o pgid= -p $$ | tr -d ' '; echo \"$1\"");
    ASSERT_TRUE(child.has_value()) << child.error().message;
    EXPECT_EQ(first_line(*child), std::to_string(child->pid()));
    EXPECT_TRUE(readable(child->end_fd()));
    EXPECT_EQ(child->reap().exit_code, 0);
}

TEST(Child, IsKilledWithItsGroupWhenForgotten) {
    std::string grandchild;
    {
        auto child = shell("sleep 1000 & echo $!; wait");
        ASSERT_TRUE(child.has_value()) << child.error().message;
        grandchild = first_line(*child);
    }
    const pid_t pid = static_cast<pid_t>(std::stol(grandchild));
    // It belongs to init now, which reaps it when it likes: gone, or a zombie.
    for (int i = 0; i < 1000 && ::kill(pid, 0) == 0; ++i) {
        const std::string path = "/proc/" + grandchild + "/stat";
        std::array<char, 512> text{};
        if (FILE* file = std::fopen(path.c_str(), "r"); file != nullptr) {
            [[maybe_unused]] const auto got = std::fread(text.data(), 1, text.size() - 1, file);
            std::fclose(file);
        }
        if (std::string(text.data()).find(") Z ") != std::string::npos) {
            return;
        }
        ::poll(nullptr, 0, 10);
    }
    EXPECT_NE(::kill(pid, 0), 0);
}

// Somebody in between starts the child and is killed as nobody can prevent.
TEST(Child, DiesWithItsParentAlsoWhenItIgnoresTheOrdinarySignal) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const pid_t between = ::fork();
    if (between == 0) {
        const auto child =
            Child::start({.program = "/bin/sh",
                          .arguments = {"-c", "trap '' TERM; echo up; exec sleep 1000"},
                          .death_signal = SIGKILL});
        const bool up = child && first_line(*child) == "up";
        const pid_t pid = up ? child->pid() : 0;
        [[maybe_unused]] const auto told = ::write(ends[1], &pid, sizeof(pid));
        ::pause();
        ::_exit(0);
    }
    pid_t pid = 0;
    ASSERT_EQ(::read(ends[0], &pid, sizeof(pid)), static_cast<ssize_t>(sizeof(pid)));
    ::close(ends[0]);
    ::close(ends[1]);
    ASSERT_GT(pid, 0);
    const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    ::kill(between, SIGKILL);
    ::waitpid(between, nullptr, 0);
    EXPECT_TRUE(readable(process.get())) << "it outlives its parent";
}

TEST(Child, DoesNotInheritBlockedOrIgnoredSignals) {
    sigset_t term;
    sigset_t old;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, &old);
    auto child = shell("echo up; while :; do sleep 1; done");
    sigprocmask(SIG_SETMASK, &old, nullptr);
    ASSERT_TRUE(child.has_value()) << child.error().message;
    EXPECT_EQ(first_line(*child), "up");
    child->send(SIGTERM, true);
    EXPECT_TRUE(readable(child->end_fd()));
    EXPECT_EQ(child->reap().signal, SIGTERM);
}

}  // namespace
}  // namespace hubfs::cli
