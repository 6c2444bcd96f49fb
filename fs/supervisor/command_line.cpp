// SPDX-License-Identifier: Apache-2.0
#include "fs/supervisor/command_line.h"

#include <array>

namespace hubfs::supervisor {

namespace {

// The value of `--name VALUE` or `--name=VALUE` at `at`, which is moved past it; nothing when the
// word there is another one.
Result<std::optional<std::string>> value_of(std::string_view name,
                                            std::span<const std::string_view> arguments,
                                            std::size_t& at) {
    const std::string_view word = arguments[at];
    if (!word.starts_with(name)) {
        return std::nullopt;
    }
    const std::string_view rest = word.substr(name.size());
    if (rest.starts_with('=')) {
        return std::string(rest.substr(1));
    }
    if (!rest.empty()) {
        return std::nullopt;
    }
    if (at + 1 >= arguments.size()) {
        return fail(Code::invalid, std::string(name) + " needs a value");
    }
    return std::string(arguments[++at]);
}

}  // namespace

Result<CommandLine> parse_command_line(std::span<const std::string_view> arguments) {
    CommandLine line;
    bool words_only = false;  // after "--"
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view word = arguments[i];
        if (words_only || !word.starts_with('-') || word == "-") {
            if (line.mount_point) {
                return fail(Code::invalid, "more than one mount point: " + std::string(word));
            }
            if (word.empty()) {
                return fail(Code::invalid, "the mount point is empty");
            }
            line.mount_point = word;
            continue;
        }
        if (word == "--") {
            words_only = true;
        } else if (word == "--help" || word == "-h") {
            line.help = true;
        } else if (word == "--version") {
            line.version = true;
        } else if (auto file = value_of("--config", arguments, i); !file || *file) {
            if (!file) {
                return std::unexpected(file.error());
            }
            line.config.file = **file;
        } else if (auto set = value_of("--set", arguments, i); !set || *set) {
            if (!set) {
                return std::unexpected(set.error());
            }
            line.config.sets.push_back(**set);
        } else {
            return fail(Code::invalid, "unknown option: " + std::string(word));
        }
    }
    return line;
}

std::string_view help_text() {
    return "hubfs [OPTS] [MOUNTPOINT]\n"
           "Mounts the Hugging Face Hub at a directory, read-only; files are fetched as they are\n"
           "read. Runs in the foreground until SIGTERM or SIGINT, then unmounts.\n"
           "\n"
           "  MOUNTPOINT             where to mount; default: mount.path\n"
           "  --config FILE          configuration; default: $HF_MIRROR_CONFIG, then\n"
           "                         /etc/hf-mirror/hf-mirror.toml if it is there\n"
           "  --set TABLE.KEY=VALUE  one option, wins over the file; repeatable\n"
           "  --help, --version      say it and end\n"
           "\n"
           "Standard output: one line, `ready mount=DIR`, once the mount answers. Log: standard\n"
           "error. Exit: 0 ended in order, 1 failed while running, 2 usage or configuration,\n"
           "3 a prerequisite is missing.\n";
}

std::string toml_string(std::string_view text) {
    constexpr std::array<char, 16> kHex{'0', '1', '2', '3', '4', '5', '6', '7',
                                        '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            out += "\\u00";
            out += kHex[byte >> 4];
            out += kHex[byte & 15U];
        } else {
            out += c;
        }
    }
    return out + '"';
}

}  // namespace hubfs::supervisor
