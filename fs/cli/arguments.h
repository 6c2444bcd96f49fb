// SPDX-License-Identifier: Apache-2.0
// The command line of hf-mirror as a value. The one place that knows CLI11. Pure but for CLI11's
// own parsing: reads no file and no environment.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fs/base/options.h"

namespace hubfs::cli {

enum class Command : std::uint8_t {
    up,
    config_check,
    config_show,
    status,
    doctor,
    start_job,  // prefetch, verify, evict, follow, export, import
    jobs,
    cancel,
    pins,
    unpin,
    reload,
    follows,
    unfollow,
};

// `doctor`, with at most one of the two.
struct DoctorArguments {
    std::optional<std::string> client{};    // --client URL
    std::optional<std::string> upstream{};  // --upstream [URL]; empty: upstream.url
    std::string repo{};                     // --repo; empty: one that the Hub is known to have
    std::string token{};                    // --token; empty: the environment's
};

// prefetch, verify, evict, follow, export, import, unpin and unfollow.
struct JobArguments {
    std::string kind{};  // the command's name
    std::string what{};  // ID[@REVISION], as it was given; empty: everything (verify)
    std::string dir{};   // export, import: as it was given
    std::string repo_type = "model";
    std::vector<std::string> include{};  // patterns of paths
    std::vector<std::string> exclude{};
    bool pin = false;     // prefetch: and it stays
    bool detach = false;  // start it and leave
    bool json = false;
};

struct Arguments {
    Command command = Command::up;
    ConfigSource config;
    bool json = false;  // status, jobs, pins, follows
    bool line = false;  // status, as one line of counters
    DoctorArguments doctor{};
    JobArguments job{};        // start_job
    std::uint64_t number = 0;  // cancel
};

// Why nothing is to be run: help and version are answers (exit 0), all else is exit 2.
struct Refusal {
    int exit_code = 2;
    std::string text;  // with its final newline
};

// `words` without the program's name.
[[nodiscard]] std::expected<Arguments, Refusal> parse_arguments(std::span<const std::string> words);

// The table of all options: key, default, unit and what it means; the end of --help.
[[nodiscard]] std::string options_help();

}  // namespace hubfs::cli
