// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/leftover_rsync.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "fs/base/fd.h"
#include "fs/base/log.h"
#include "fs/cli/process_table.h"

namespace hubfs::cli {
namespace {

constexpr std::chrono::milliseconds kEndPatience{2000};
constexpr int kDepthMax = 8;  // hf-mirror, the daemon, its connections' processes

bool is_daemon_with(const std::string& config_file, pid_t pid) {
    const std::vector<std::string> words = words_of(pid);
    return !words.empty() && words.front().ends_with("rsync") &&
           std::ranges::count(words, "--daemon") > 0 &&
           std::ranges::count(words, "--config=" + config_file) > 0;
}

bool below_a_living_node(pid_t pid) {
    for (int depth = 0; pid > 1 && depth < kDepthMax; ++depth) {
        if (name_of(pid) == "hf-mirror") {
            return true;
        }
        pid = parent_of(pid);
    }
    return false;
}

}  // namespace

int end_leftover_rsync(const std::string& config_file) {
    std::vector<Fd> ending;
    for (const pid_t pid : all_processes()) {
        if (!is_daemon_with(config_file, pid)) {
            continue;
        }
        Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        // Looked at again now that the number cannot be given to another.
        if (process.valid() && is_daemon_with(config_file, pid) && !below_a_living_node(pid) &&
            ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0) == 0) {
            log::warn("leftover_rsync", {{"pid", pid}});
            ending.push_back(std::move(process));
        }
    }
    const auto until = std::chrono::steady_clock::now() + kEndPatience;
    for (const Fd& process : ending) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        pollfd wait{.fd = process.get(), .events = POLLIN, .revents = 0};
        ::poll(&wait, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    }
    return static_cast<int>(ending.size());
}

}  // namespace hubfs::cli
