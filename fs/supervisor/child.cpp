// SPDX-License-Identifier: Apache-2.0
#include "fs/supervisor/child.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "fs/base/fd.h"

namespace hubfs::supervisor {

namespace {

void default_signals() {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGPIPE}) {
        std::signal(signal, SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace

Result<pid_t> spawn(std::move_only_function<int()> body) {
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) {
        return fail(Code::io, std::string("fork: ") + std::strerror(errno));
    }
    if (pid > 0) {
        return pid;
    }
    // The parent may have died before the request took effect: then nobody tells us.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) {
        _exit(1);
    }
    default_signals();
    int code = 1;
    try {
        code = body();
    } catch (...) {
        // Nothing may unwind into the parent's frames, which the fork has copied.
    }
    _exit(code);
}

std::optional<int> wait_for(pid_t pid, std::chrono::milliseconds at_most) {
    // glibc 2.36 declares pidfd_open() for C only.
    const Fd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    pollfd wait{.fd = process.get(), .events = POLLIN, .revents = 0};
    const auto until = std::chrono::steady_clock::now() + at_most;
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        const int ready = process.valid() && left.count() > 0
                              ? poll(&wait, 1, static_cast<int>(left.count()))
                              : 0;
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        int status = 0;
        if (waitpid(pid, &status, WNOHANG) == pid) {
            return status;
        }
        return std::nullopt;
    }
}

std::string describe_status(int wait_status) {
    if (WIFSIGNALED(wait_status)) {
        const int signal = WTERMSIG(wait_status);
        return "signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
    }
    return "exit code " + std::to_string(WEXITSTATUS(wait_status));
}

}  // namespace hubfs::supervisor
