// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/node.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fs/base/address.h"
#include "fs/base/fd.h"
#include "fs/base/in_path.h"
#include "fs/base/socket_address.h"
#include "fs/doctor/kernel.h"
#include "fs/doctor/node_rules.h"
#include "fs/doctor/probe.h"

namespace hubfs::doctor {
namespace {

std::string kernel_release() {
    utsname names{};
    return ::uname(&names) == 0 ? names.release : "";
}

Finding check_device() {
    const Fd device(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
    if (device.valid()) {
        return passed("/dev/fuse", "opens");
    }
    const int error = errno;
    return failed("/dev/fuse", std::strerror(error),
                  error == EACCES || error == EPERM
                      ? "allow it: mode 0666, in a container --device /dev/fuse"
                      : "modprobe fuse; in a container: --device /dev/fuse");
}

bool user_allow_other() {
    std::ifstream file("/etc/fuse.conf");
    std::string line;
    while (std::getline(file, line)) {
        if (line.starts_with("user_allow_other")) {
            return true;
        }
    }
    return false;
}

Finding check_right_to_mount(const Options& options) {
    constexpr std::string_view kCheck = "right to mount";
    if (may_administer()) {
        return passed(kCheck, "CAP_SYS_ADMIN");
    }
    if (!in_path("fusermount3")) {
        return failed(kCheck, "neither CAP_SYS_ADMIN nor fusermount3",
                      "run as root (container: --cap-add SYS_ADMIN) or install the package fuse3");
    }
    if (options.flag("mount.allow_other") && !user_allow_other()) {
        return failed(kCheck, "fusermount3, but not for others",
                      "set mount.allow_other to false, or write user_allow_other into "
                      "/etc/fuse.conf");
    }
    return passed(kCheck, "fusermount3");
}

Finding check_passthrough(const Options& options, const std::vector<Volume>& volumes) {
    const auto& off = options.list("mount.disable_features");
    PassthroughFacts facts;
    facts.wanted = options.text("mount.passthrough") != "off" &&
                   std::ranges::find(off, "passthrough") == off.end();
    const auto kernel = kernel_from(kernel_release());
    facts.kernel = kernel && *kernel >= kKernelPassthrough;
    facts.privileged = may_administer();
    for (const Volume& volume : volumes) {
        if (facts.stacked.empty() && stacked_filesystem(volume.filesystem)) {
            facts.stacked = volume.dir + " (" + volume.filesystem + ")";
        }
    }
    return judge_passthrough(facts);
}

Finding check_open_files() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return judge_open_files(limit.rlim_max);
}

void check_disks(const NodePlan& plan, const std::vector<Volume>& volumes, const Tell& tell) {
    std::uint64_t free_bytes = 0;
    std::uint64_t held_bytes = 0;
    std::set<std::uint64_t> devices;
    for (const Volume& volume : volumes) {
        tell(judge_cache_dir(volume));
        free_bytes += devices.insert(volume.device).second ? volume.free_bytes : 0;
        if (!plan.held_bytes && volume.exists) {
            held_bytes += bytes_below(volume.dir);
        }
    }
    tell(judge_cache_space(free_bytes, plan.held_bytes.value_or(held_bytes),
                           plan.options.size("cache.size")));
    tell(judge_state_dir(look_at(plan.options.text("node.state_dir"))));
}

void check_name(const std::string& host, const Tell& tell) {
    const auto found = addresses_of(host);
    if (!found) {
        tell(failed("dns", found.error().message,
                    "look at /etc/resolv.conf; `getent hosts " + host + "` must answer"));
        return;
    }
    tell(passed("dns", host + ": " + std::to_string(found->size()) +
                           (found->size() == 1 ? " address" : " addresses")));
}

void check_upstream_from_here(const Options& options, const Ask& ask, const Clock& clock,
                              const Tell& tell) {
    if (options.flag("upstream.offline")) {
        tell(noted("upstream", "upstream.offline is set: only what is cached is served"));
        return;
    }
    const std::string& proxy = options.text("upstream.proxy");
    const auto hub = upstream::parse_url(options.text("upstream.url"));
    const auto way = parse_plain_url(proxy.empty() ? options.text("upstream.url") : proxy);
    if (!hub || !way) {
        tell(failed("upstream", "upstream.url or upstream.proxy is no address",
                    "look at `hf-mirror config show`"));
        return;
    }
    std::string host = way->host;
    if (host.starts_with('[')) {
        host = host.substr(1, host.size() - 2);
    }
    check_name(host, tell);
    upstream::OneRequest request;
    request.url = below(*hub, "/api/models?limit=1");
    const auto answer = ask(request);
    tell(judge_upstream(
        hub->host, answer ? Result<int>(answer->head.status) : std::unexpected(answer.error())));
    if (answer) {
        tell(judge_clock(answer->head.joined("date"), clock.now()));
    }
}

bool is_ours(const std::string& option, const ListenAddress& address, const Ask& ask) {
    if (option == "rsync.listen") {
        return greeting_of(address).starts_with("@RSYNCD:");
    }
    upstream::OneRequest request;
    const auto url = upstream::parse_url("http://" + to_connect_to(address).text() + "/healthz");
    if (!url) {
        return false;
    }
    request.url = *url;
    const auto answer = ask(request);
    return answer && answer->head.joined("server") == "hf-mirror";
}

void check_ports(const Options& options, const Ask& ask, const Tell& tell) {
    std::vector<std::pair<std::string, std::string>> wanted;
    for (const std::string& address : options.list("http.listen")) {
        wanted.emplace_back("http.listen", address);
    }
    if (!options.text("rsync.listen").empty()) {
        wanted.emplace_back("rsync.listen", options.text("rsync.listen"));
    }
    for (const auto& [option, text] : wanted) {
        const auto address = parse_listen_address(text);
        if (!address) {
            continue;  // the configuration was checked when it was read
        }
        PortFacts port{option, text, try_to_bind(*address)};
        port.ours = port.bind_errno == EADDRINUSE && is_ours(option, *address, ask);
        tell(judge_port(port));
    }
}

}  // namespace

void check_node(const NodePlan& plan, const Clock& clock, const Tell& tell) {
    std::vector<Volume> volumes;
    for (const std::string& dir : plan.options.list("cache.dirs")) {
        volumes.push_back(look_at(dir));
    }
    tell(judge_kernel(kernel_release()));
    tell(check_device());
    tell(check_right_to_mount(plan.options));
    tell(check_passthrough(plan.options, volumes));
    tell(check_open_files());
    check_disks(plan, volumes, tell);
    check_upstream_from_here(plan.options, plan.upstream, clock, tell);
    check_ports(plan.options, plan.local, tell);
}

}  // namespace hubfs::doctor
