// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace hubfs::cli {
namespace {

Result<std::pair<Fd, Fd>> make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return fail(Code::io, std::string("pipe: ") + std::strerror(errno));
    }
    return std::pair<Fd, Fd>(Fd(ends[0]), Fd(ends[1]));
}

// What the child does between fork and exec: only calls that are safe there. On failure it
// writes errno into `report` and ends.
[[noreturn]] void become(const char* program, char* const* words, int death_signal, int out,
                         int report, pid_t parent) noexcept {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) {
        ::signal(signal, SIG_DFL);
    }
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, death_signal);
    const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (getppid() == parent && null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
        dup2(out, STDOUT_FILENO) >= 0) {
        execvp(program, words);
    }
    const int reason = errno;
    [[maybe_unused]] const ssize_t written = ::write(report, &reason, sizeof(reason));
    _exit(127);
}

}  // namespace

std::string Ending::text() const {
    return signal != 0 ? "signal " + std::to_string(signal)
                       : "exit code " + std::to_string(exit_code);
}

Result<Child> Child::start(const ChildSpec& spec) {
    auto out = make_pipe();
    auto report = make_pipe();
    if (!out || !report) {
        return std::unexpected(out ? report.error() : out.error());
    }
    std::vector<char*> words;
    words.push_back(const_cast<char*>(spec.program.c_str()));
    for (const std::string& argument : spec.arguments) {
        words.push_back(const_cast<char*>(argument.c_str()));
    }
    words.push_back(nullptr);

    Child child;
    const pid_t parent = ::getpid();
    child.pid_ = ::fork();
    if (child.pid_ < 0) {
        return fail(Code::io, std::string("fork: ") + std::strerror(errno));
    }
    if (child.pid_ == 0) {
        become(spec.program.c_str(), words.data(), spec.death_signal, out->second.get(),
               report->second.get(), parent);
    }
    child.pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, child.pid_, 0)));
    child.out_ = std::move(out->first);
    fcntl(child.out_.get(), F_SETFL, O_NONBLOCK);
    out->second.reset();
    report->second.reset();
    // The pipe closes by exec; only a child that could not become the program writes into it.
    int reason = 0;
    if (::read(report->first.get(), &reason, sizeof(reason)) == sizeof(reason)) {
        child.reap();
        return fail(reason == ENOENT ? Code::not_found : Code::io,
                    spec.program + ": " + std::strerror(reason));
    }
    if (!child.pidfd_.valid()) {
        return fail(Code::io, std::string("pidfd_open: ") + std::strerror(errno));
    }
    return child;
}

Child& Child::operator=(Child&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(pidfd_, other.pidfd_);
    std::swap(out_, other.out_);
    return *this;
}

Child::~Child() {
    if (running()) {
        send(SIGKILL, true);
        reap();
    }
}

void Child::send(int signal, bool group) const {
    if (running()) {
        ::kill(group ? -pid_ : pid_, signal);
    }
}

Ending Child::reap() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    pidfd_.reset();
    Ending ending;
    if (WIFEXITED(status)) {
        ending.exit_code = WEXITSTATUS(status);
    } else if (WIFSIGNALED(status)) {
        ending.signal = WTERMSIG(status);
    }
    return ending;
}

}  // namespace hubfs::cli
