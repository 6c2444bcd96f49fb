// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/node_rules.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include "fs/base/readable.h"
#include "fs/doctor/limits.h"

namespace hubfs::doctor {
namespace {

// linux/magic.h has most of them; written out because some are in no header.
constexpr auto kFilesystems = std::to_array<std::pair<std::uint64_t, std::string_view>>({
    {0xEF53, "ext4"},
    {0x58465342, "xfs"},
    {0x9123683E, "btrfs"},
    {0x2FC12FC1, "zfs"},
    {0xF2F52010, "f2fs"},
    {0x794C7630, "overlay"},
    {0x01021994, "tmpfs"},
    {0x6969, "nfs"},
    {0xFF534D42, "cifs"},
    {0xFE534D42, "smb2"},
    {0x65735546, "fuse"},
    {0xF15F, "ecryptfs"},
    {0x4D44, "vfat"},
    {0x2011BAB0, "exfat"},
});

std::string size_text(std::uint64_t bytes) {
    return readable_size(static_cast<double>(bytes));
}

std::string where(const Volume& volume) {
    return volume.dir + (volume.exists ? "" : " (not made yet)") + ": " + volume.filesystem + ", " +
           size_text(volume.free_bytes) + " free";
}

}  // namespace

Finding judge_open_files(std::uint64_t hard_limit) {
    const std::string line = "up to " + std::to_string(hard_limit);
    const std::string advice = "raise it to " + std::to_string(kFilesWanted) +
                               " (LimitNOFILE= in a unit, ulimit -Hn): one is needed for each "
                               "client and each open content";
    if (hard_limit < kFilesLeast) {
        return failed("open files", line, advice);
    }
    return hard_limit < kFilesWanted ? noted("open files", line, advice)
                                     : passed("open files", line);
}

std::optional<Instant> http_date_from(std::string_view text) {
    std::tm parts{};
    const std::string copy(text);
    const char* const end = ::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (end == nullptr || *end != '\0') {
        return std::nullopt;
    }
    return Instant(std::chrono::seconds(::timegm(&parts)));
}

Finding judge_clock(std::string_view date, Instant now) {
    const auto theirs = http_date_from(date);
    if (!theirs) {
        return noted("clock", "upstream's answer has no Date to compare with");
    }
    const auto ahead = std::chrono::duration_cast<std::chrono::seconds>(now - *theirs);
    if (std::chrono::abs(ahead) <= kClockTolerance) {
        return passed("clock", "agrees with upstream's");
    }
    return failed("clock",
                  std::to_string(std::chrono::abs(ahead).count()) + " s " +
                      (ahead.count() > 0 ? "ahead of" : "behind") + " upstream's",
                  "keep it right (timedatectl set-ntp true, or chrony): addresses of content "
                  "expire by the clock, and freshness is counted by it");
}

Finding judge_cache_dir(const Volume& volume) {
    const std::string line = where(volume);
    if (!volume.writable) {
        return failed("cache.dirs", line + ", not writable",
                      "make " + volume.dir + " and give it to the user that runs hubfs");
    }
    if (!volume.sparse) {
        return failed("cache.dirs", line + ", no sparse files",
                      "put cache.dirs on ext4, xfs or btrfs: here each file begun would take its "
                      "whole size");
    }
    constexpr auto kOdd = std::to_array<std::string_view>({"tmpfs", "nfs", "cifs", "smb2", "fuse"});
    if (std::ranges::find(kOdd, volume.filesystem) != kOdd.end()) {
        return noted("cache.dirs", line,
                     volume.filesystem == "tmpfs"
                         ? "it lies in memory and is empty after a restart of the machine"
                         : "a local disk is faster, and safe when the power fails");
    }
    return passed("cache.dirs", line);
}

Finding judge_cache_space(std::uint64_t free_bytes, std::uint64_t held_bytes,
                          std::uint64_t cache_size) {
    const std::string line = "cache.size " + size_text(cache_size) + ", held " +
                             size_text(held_bytes) + ", free " + size_text(free_bytes);
    if (held_bytes + free_bytes >= cache_size) {
        return passed("cache.size", line);
    }
    return failed("cache.size", line,
                  "lower cache.size to less than " + size_text(held_bytes + free_bytes) +
                      " or add a disk to cache.dirs: a full disk stops fetching before the cache "
                      "evicts");
}

Finding judge_state_dir(const Volume& volume) {
    if (!volume.writable) {
        return failed("node.state_dir", where(volume) + ", not writable",
                      "make " + volume.dir + " and give it to the user that runs hubfs");
    }
    if (volume.free_bytes < kStateLeastBytes) {
        return failed("node.state_dir", where(volume),
                      "metadata may need " + size_text(kStateLeastBytes) + "; free some");
    }
    return passed("node.state_dir", where(volume));
}

Finding judge_passthrough(const PassthroughFacts& facts) {
    constexpr std::string_view kCheck = "passthrough";
    if (!facts.wanted) {
        return noted(kCheck, "switched off by mount.passthrough or mount.disable_features");
    }
    if (!facts.kernel) {
        return noted(kCheck, "not with this kernel", "Linux 6.9 or later; 6.12 or 6.18 are good");
    }
    if (!facts.privileged) {
        return noted(kCheck, "not without CAP_SYS_ADMIN",
                     "start hubfs as root (container: --cap-add SYS_ADMIN)");
    }
    if (!facts.stacked.empty()) {
        return noted(kCheck, "not for " + facts.stacked,
                     "move cache.dirs to a filesystem of its own, in a container to a volume");
    }
    return passed(kCheck, "kernel, privileges and filesystem allow it");
}

std::string filesystem_name(std::uint64_t magic) {
    const auto known =
        std::ranges::find(kFilesystems, magic, &decltype(kFilesystems)::value_type::first);
    if (known != kFilesystems.end()) {
        return std::string(known->second);
    }
    char text[32];
    std::snprintf(text, sizeof(text), "filesystem 0x%llx", static_cast<unsigned long long>(magic));
    return text;
}

bool stacked_filesystem(std::string_view name) {
    return name == "overlay" || name == "ecryptfs" || name == "fuse";
}

Finding judge_port(const PortFacts& port) {
    switch (port.bind_errno) {
        case 0:
            return passed(
                port.option,
                port.address + (port.address.ends_with(":0") ? ": any free port" : " is free"));
        case EADDRINUSE:
            if (port.ours) {
                return passed(port.option, port.address + " is served by ours");
            }
            return failed(
                port.option, port.address + " is taken by another program",
                "ss -ltnp shows which; stop it, or set " + port.option + " to another port");
        case EACCES:
            return failed(port.option, port.address + " needs a privilege",
                          "ports below 1024 are root's: use another, or CAP_NET_BIND_SERVICE");
        case EADDRNOTAVAIL:
            return failed(port.option, port.address + " is no address of this machine",
                          "ip address shows them; 0.0.0.0 or [::] is all of them");
        default:
            return failed(port.option, port.address + ": " + std::strerror(port.bind_errno),
                          "set " + port.option + " to an address that can be listened on");
    }
}

Finding judge_upstream(const std::string& host, const Result<int>& status) {
    constexpr std::string_view kCheck = "upstream";
    if (!status) {
        const Error& error = status.error();
        return failed(kCheck, error.message,
                      error.code == Code::protocol
                          ? "look at upstream.ca_file and at what stands between here and " + host
                          : "open the way to " + host +
                                " (firewall, upstream.proxy); until then "
                                "only what is cached is served");
    }
    const std::string line = host + " answers " + std::to_string(*status);
    if (*status == 429) {
        return failed(kCheck, line, "over the Hub's quota: wait, or set upstream.token_file");
    }
    if (*status >= 500) {
        return failed(kCheck, line,
                      "the Hub, or what stands before it, fails; cached content is "
                      "served meanwhile");
    }
    return *status == 200 ? passed(kCheck, line)
                          : failed(kCheck, line,
                                   "no Hub answers there: look at upstream.url and upstream.proxy");
}

}  // namespace hubfs::doctor
