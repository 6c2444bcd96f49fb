// SPDX-License-Identifier: Apache-2.0
// What a daemon is given by the supervisor that starts it, and what the two say to each other. The
// only thing both programs share besides fs/base; header only, no I/O.
//
// Descriptors come at fixed numbers, the rest in one environment variable. The channel is a
// SOCK_SEQPACKET socket, one word or two per message, daemon to supervisor only; when it is closed
// the supervisor is gone and the daemon ends. The daemon is stopped by SIGTERM.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hubfs::supervisor {

inline constexpr int kDeviceFd = 3;   // /dev/fuse, mounted, INIT answered
inline constexpr int kChannelFd = 4;  // to the supervisor
inline constexpr int kConfigFd = 5;   // the configuration as TOML, sealed
inline constexpr int kLockFd = 6;     // only held: the run directory is in use until we are gone
inline constexpr int kBackingFd = 7;  // asks for passthrough (backing_protocol.h)
inline constexpr int kRowsFd = 8;     // the table of open files (fs/base/handle_rows.h)
inline constexpr int kHandoverFds = 6;

// Of all that the two programs share: this file, backing_protocol.h, fs/base/handle_rows.h. Another
// one is refused by the daemon, and the supervisor goes back to the program that it had.
inline constexpr std::uint64_t kHandoverVersion = 1;

inline constexpr const char* kHandoverVariable = "HUBFS_HANDOVER";

// The configuration as the daemon opens it.
inline constexpr std::string_view kConfigPath = "/proc/self/fd/5";

inline constexpr std::string_view kReady = "ready";  // the workers read
inline constexpr std::string_view kStop = "stop";    // somebody asked by the control socket
inline constexpr std::string_view kReload =
    "reload";  // it wants to be replaced (docs/threading.md)
inline constexpr std::string_view kBeatPrefix = "beat ";  // + requests read so far, each second
inline constexpr std::size_t kMessageBytesMax = 64;

struct Handover {
    std::uint32_t flags = 0;          // INIT flags that were granted
    std::uint32_t max_readahead = 0;  // bytes
    bool resend = false;              // the kernel can deliver requests again
    bool passthrough = false;         // the kernel may read cache files by itself
    std::uint64_t generation = 0;     // daemons this mount had before
    bool operator==(const Handover&) const = default;
};

[[nodiscard]] inline std::string to_text(const Handover& handover) {
    return std::to_string(kHandoverVersion) + " " + std::to_string(handover.flags) + " " +
           std::to_string(handover.max_readahead) + " " + (handover.resend ? "1 " : "0 ") +
           (handover.passthrough ? "1 " : "0 ") + std::to_string(handover.generation);
}

// Nothing for a text that to_text never makes.
[[nodiscard]] inline std::optional<Handover> handover_from(std::string_view text) {
    const auto number = [&text](auto& value) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc()) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (text.starts_with(' ')) {
            text.remove_prefix(1);
        }
        return true;
    };
    Handover handover;
    std::uint64_t version = 0;
    unsigned resend = 0;
    unsigned passthrough = 0;
    if (!number(version) || version != kHandoverVersion || !number(handover.flags) ||
        !number(handover.max_readahead) || !number(resend) || resend > 1 || !number(passthrough) ||
        passthrough > 1 || !number(handover.generation) || !text.empty()) {
        return std::nullopt;
    }
    handover.resend = resend == 1;
    handover.passthrough = passthrough == 1;
    return handover;
}

}  // namespace hubfs::supervisor
