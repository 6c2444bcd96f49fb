// SPDX-License-Identifier: Apache-2.0
// The words of `hubfs [OPTS] [MOUNTPOINT]`. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "fs/base/options.h"
#include "fs/base/result.h"

namespace hubfs::supervisor {

struct CommandLine {
    bool help = false;
    bool version = false;
    ConfigSource config;
    std::optional<std::string> mount_point;  // as given; wins over mount.path
};

// arguments: without the program's own name. Code::invalid with a sentence for the user.
[[nodiscard]] Result<CommandLine> parse_command_line(std::span<const std::string_view> arguments);

[[nodiscard]] std::string_view help_text();

// A text as a TOML basic string (TOML 1.0.0, "String"), quotes included.
[[nodiscard]] std::string toml_string(std::string_view text);

}  // namespace hubfs::supervisor
