// SPDX-License-Identifier: Apache-2.0
// One child process: started, watched by a descriptor, stopped, reaped. It gets a signal when we
// die, whatever kills us (PR_SET_PDEATHSIG), has a process group of its own, so that a Ctrl-C on
// the terminal reaches only us and the order of stopping is ours, /dev/null as standard input, and
// a pipe as standard output. Must be started from the main thread: the kernel ties the death signal
// to the thread.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <string>
#include <vector>

#include "fs/base/fd.h"
#include "fs/base/result.h"

namespace hubfs::cli {

struct ChildSpec {
    std::string program;  // a path, or a name to be found in PATH
    std::vector<std::string> arguments;
    int death_signal = SIGTERM;  // what it gets when we die; SIGKILL where it would linger
};

// How a child ended.
struct Ending {
    int exit_code = -1;  // -1: by a signal
    int signal = 0;
    [[nodiscard]] std::string text() const;  // "exit code 1", "signal 9"
};

class Child {
public:
    Child() = default;
    // Code::not_found when there is no such program, Code::io for all else.
    static Result<Child> start(const ChildSpec& spec);

    Child(Child&& other) noexcept { *this = std::move(other); }
    Child& operator=(Child&& other) noexcept;
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    // A child that still runs is killed and reaped: nobody else would.
    ~Child();

    [[nodiscard]] bool running() const { return pid_ > 0; }
    [[nodiscard]] pid_t pid() const { return pid_; }
    // Readable once the child has ended.
    [[nodiscard]] int end_fd() const { return pidfd_.get(); }
    // Its standard output, not blocking; invalid once closed.
    [[nodiscard]] int out_fd() const { return out_.get(); }
    void close_out() { out_.reset(); }

    // To the child, or with `group` to all processes of its group.
    void send(int signal, bool group = false) const;
    // Reaps it; only after end_fd() became readable does this not wait.
    Ending reap();

private:
    pid_t pid_ = -1;
    Fd pidfd_;
    Fd out_;
};

}  // namespace hubfs::cli
