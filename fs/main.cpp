// SPDX-License-Identifier: Apache-2.0
// hubfs-daemon: what serves the mount. Started by hubfs only, which hands over the mounted
// descriptor, the configuration and a channel (fs/supervisor/handover.h).
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "fs/app/daemon.h"
#include "fs/app/privileges.h"
#include "fs/base/exit_code.h"
#include "fs/base/log.h"
#include "fs/base/options.h"
#include "fs/supervisor/handover.h"

namespace {

using namespace hubfs;

// Before any thread is made, so that all of them inherit the mask. SIGINT and SIGHUP are the
// supervisor's business: a terminal sends them to both.
Fd take_signals() {
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    Fd signals(signalfd(-1, &set, SFD_CLOEXEC));
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    return signals;
}

std::optional<supervisor::Handover> take_handover() {
    const char* const text = std::getenv(supervisor::kHandoverVariable);
    for (int fd = supervisor::kDeviceFd; fd < supervisor::kDeviceFd + supervisor::kHandoverFds;
         ++fd) {
        if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
            return std::nullopt;
        }
    }
    return text == nullptr ? std::nullopt : supervisor::handover_from(text);
}

int serve(const Options& options, app::DaemonStart start) {
    auto daemon = app::Daemon::open(options, std::move(start));
    Status done = daemon ? (*daemon)->run() : Status(std::unexpected(daemon.error()));
    if (!done) {
        log::error("daemon_failed", {{"reason", done.error().message}});
        return exit_code_for(done.error());
    }
    return kExitOk;
}

}  // namespace

int main() {
    prctl(PR_SET_NAME, "hubfs");  // as ps shows it; the file's name would be the default
    Fd signals = take_signals();
    const auto handover = take_handover();
    if (!handover) {
        std::fputs("hubfs-daemon is started by hubfs; run that\n", stderr);
        return kExitUsage;
    }
    const auto options = Options::load({.file = std::string(supervisor::kConfigPath), .sets = {}});
    if (!options) {
        for (const std::string& mistake : options.error()) {
            std::fprintf(stderr, "%s\n", mistake.c_str());
        }
        return kExitUsage;
    }
    log::open("hubfs", options->text("log.level"));
    if (Status dropped = app::drop_privileges(); !dropped) {
        log::error("privileges_kept", {{"reason", dropped.error().message}});
        return kExitFailed;
    }
    return serve(*options, {.handover = *handover,
                            .device = Fd(supervisor::kDeviceFd),
                            .channel = Fd(supervisor::kChannelFd),
                            .backing = Fd(supervisor::kBackingFd),
                            .rows = Fd(supervisor::kRowsFd),
                            .signals = std::move(signals)});
}
