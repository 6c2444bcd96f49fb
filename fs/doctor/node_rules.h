// SPDX-License-Identifier: Apache-2.0
// What the machine of a node must have, as judgements of numbers that others looked up. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fs/base/clock.h"
#include "fs/base/result.h"
#include "fs/doctor/report.h"

namespace hubfs::doctor {

// RLIMIT_NOFILE's hard limit; programs raise their own soft limit to it.
[[nodiscard]] Finding judge_open_files(std::uint64_t hard_limit);

// "Sat, 21 Nov 2026 18:29:14 GMT" (RFC 9110 section 5.6.7, the form that is sent).
[[nodiscard]] std::optional<Instant> http_date_from(std::string_view text);

// Our clock against the Date of an answer.
[[nodiscard]] Finding judge_clock(std::string_view date, Instant now);

struct Volume {
    std::string dir;         // as configured
    std::string filesystem;  // "ext4"
    std::uint64_t free_bytes = 0;
    bool exists = true;    // else the numbers are those of the nearest directory above it
    bool writable = true;  // by this process
    bool sparse = true;    // holes take no space
    std::uint64_t device = 0;
};

// Whether a directory of cache.dirs will do.
[[nodiscard]] Finding judge_cache_dir(const Volume& volume);
// Whether cache.size can be reached: what is free and what the cache already holds.
[[nodiscard]] Finding judge_cache_space(std::uint64_t free_bytes, std::uint64_t held_bytes,
                                        std::uint64_t cache_size);
[[nodiscard]] Finding judge_state_dir(const Volume& volume);

struct PassthroughFacts {
    bool wanted = true;      // mount.passthrough, and not among mount.disable_features
    bool kernel = true;      // new enough
    bool privileged = true;  // CAP_SYS_ADMIN
    std::string stacked{};   // a cache directory on a filesystem that lies on another one
};

[[nodiscard]] Finding judge_passthrough(const PassthroughFacts& facts);

// "overlay" for the f_type of statfs(2); unknown ones as hexadecimal.
[[nodiscard]] std::string filesystem_name(std::uint64_t magic);
// Filesystems that lie on another one: the kernel passes nothing through to those.
[[nodiscard]] bool stacked_filesystem(std::string_view name);

// What becomes of an address to listen on.
struct PortFacts {
    std::string option;   // "http.listen"
    std::string address;  // "127.0.0.1:8080"
    int bind_errno = 0;   // 0: it can be listened on
    bool ours = false;    // one of our programs answers there
};

[[nodiscard]] Finding judge_port(const PortFacts& port);

// What the Hub's answer, or the lack of one, says. `host` is who was asked.
[[nodiscard]] Finding judge_upstream(const std::string& host, const Result<int>& status);

}  // namespace hubfs::doctor
