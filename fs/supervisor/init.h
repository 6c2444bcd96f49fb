// SPDX-License-Identifier: Apache-2.0
// FUSE_INIT, answered by the supervisor instead of by libfuse: what the kernel offers, what we
// take, and the bytes of the reply (linux/fuse.h; 7.31, with flags2 of 7.36). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fs/base/result.h"

namespace hubfs::supervisor {

// Bits 32 and up are the protocol's flags2. These are newer than Debian 12's linux/fuse.h.
inline constexpr std::uint64_t kFlagPassthrough = 1ULL << 37;
inline constexpr std::uint64_t kFlagHasResend = 1ULL << 39;
inline constexpr std::uint64_t kFlagRequestTimeout = 1ULL << 42;

// The kernel's request.
struct InitOffer {
    std::uint64_t unique = 0;
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
    std::uint32_t max_readahead = 0;  // bytes
    std::uint64_t flags = 0;
};

// What may be used, mount.disable_features taken away.
struct Features {
    bool passthrough = true;
    bool resend = true;
    bool request_timeout = true;
};
[[nodiscard]] Features features_without(const std::vector<std::string>& disabled);

struct InitAnswer {
    std::uint32_t flags = 0;          // granted, of the low word, FUSE_INIT_EXT left out
    std::uint32_t max_readahead = 0;  // bytes
    bool resend = false;              // the kernel knows FUSE_NOTIFY_RESEND and we may use it
    bool request_timeout = false;
    bool passthrough = false;      // the kernel may read cache files by itself
    std::vector<std::byte> reply;  // ready to be written
};

// Code::protocol for bytes that are no INIT; Code::unsupported for a kernel before 7.31.
[[nodiscard]] Result<InitOffer> parse_init(std::span<const std::byte> request);
[[nodiscard]] InitAnswer answer_init(const InitOffer& offer, Features features);

}  // namespace hubfs::supervisor
