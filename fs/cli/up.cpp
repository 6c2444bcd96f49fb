// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/up.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "fs/base/address.h"
#include "fs/base/clock.h"
#include "fs/base/exit_code.h"
#include "fs/base/log.h"
#include "fs/cli/leftover_mount.h"
#include "fs/cli/leftover_rsync.h"
#include "fs/cli/node.h"
#include "fs/cli/rsync_service.h"
#include "fs/cli/run_dir.h"

namespace hubfs::cli {
namespace {

// Our programs lie beside this one.
std::string beside_us(const std::string& program) {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    return (self.parent_path() / program).string();
}

std::vector<std::string> config_words(const Options& options, const ConfigSource& source) {
    std::vector<std::string> words;
    if (!options.file().empty()) {
        words.push_back("--config");
        words.push_back(options.file());
    }
    for (const std::string& set : source.sets) {
        words.push_back("--set");
        words.push_back(set);
    }
    return words;
}

ServiceSpec hubfs_spec(const std::vector<std::string>& words) {
    ServiceSpec spec;
    spec.name = "hubfs";
    spec.command = [words] { return Result<ChildSpec>(ChildSpec{beside_us("hubfs"), words}); };
    // It clears the mount that its predecessor left. The servers go on: rsync enters the mount anew
    // for each connection, httpd by each path. Told to stop (its control socket), all stop.
    spec.restarts = true;
    spec.zero_ends_all = true;
    return spec;
}

// Where any free port was asked for, a restarted server comes back at the one it announced:
// clients know no other.
std::string pinned_listen(const Options& options, const ReadyWords& words) {
    constexpr std::string_view kScheme = "http://";
    const auto& listen = options.list("http.listen");
    const auto address = listen.size() == 1 ? parse_listen_address(listen.front()) : std::nullopt;
    const auto http = std::ranges::find(words, "http", &ReadyWords::value_type::first);
    if (!address || address->port != 0 || http == words.end() ||
        !http->second.starts_with(kScheme)) {
        return {};
    }
    return "http.listen=[\"" + http->second.substr(kScheme.size()) + "\"]";
}

ServiceSpec httpd_spec(const Options& options, std::vector<std::string> words) {
    ServiceSpec spec;
    spec.name = "hub-httpd";
    auto pinned = std::make_shared<std::string>();
    spec.command = [words = std::move(words), pinned] {
        ChildSpec child{beside_us("hub-httpd"), words};
        if (!pinned->empty()) {
            child.arguments.push_back("--set");
            child.arguments.push_back(*pinned);
        }
        return Result<ChildSpec>(std::move(child));
    };
    spec.on_ready = [&options, pinned](const ReadyWords& ready) {
        *pinned = pinned_listen(options, ready);
    };
    spec.restarts = true;
    return spec;
}

// SIGTERM and SIGINT as something to poll.
Fd stop_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    return Fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

void empty(int signal_fd) {
    signalfd_siginfo info;
    while (::read(signal_fd, &info, sizeof(info)) == sizeof(info)) {
    }
}

void print_ready(const std::string& line) {
    std::fputs(line.c_str(), stdout);
    std::fflush(stdout);
}

}  // namespace

int run_up(const Options& options, const ConfigSource& source) {
    const Clock clock;
    const Fd signals = stop_signals();
    if (const Status usable = usable_run_dir(options.text("node.run_dir")); !usable) {
        log::error("run_dir", {{"reason", usable.error().message}});
        return kExitPrerequisite;
    }
    wait_for_leftover(options.text("node.run_dir"));
    const auto words = config_words(options, source);
    std::vector<ServiceSpec> specs;
    specs.push_back(hubfs_spec(words));
    if (!options.list("http.listen").empty()) {
        specs.push_back(httpd_spec(options, words));
    }
    NodeHooks hooks;
    std::unique_ptr<RsyncService> rsync;
    if (!options.text("rsync.listen").empty()) {
        end_leftover_rsync(RsyncService::config_file(options));
        auto prepared = RsyncService::prepare(options, clock);
        if (!prepared) {
            log::error("rsync", {{"reason", prepared.error().message}});
            const Code code = prepared.error().code;
            return code == Code::not_found || code == Code::unsupported ? kExitPrerequisite
                                                                        : kExitFailed;
        }
        rsync = std::move(*prepared);
        specs.push_back(rsync->spec());
        hooks.log_fd = rsync->log_fd();
        hooks.on_log_readable = [&rsync] { rsync->on_log_readable(); };
    }
    hooks.stop_fd = signals.get();
    hooks.on_stop_readable = [&signals] { empty(signals.get()); };
    hooks.on_ready = print_ready;
    const int code = Node(std::move(specs), std::move(hooks), clock).run();
    if (rsync) {
        rsync->on_log_readable();
    }
    return detach_leftover_mount(options.text("mount.path")) && code == 0 ? kExitFailed : code;
}

}  // namespace hubfs::cli
