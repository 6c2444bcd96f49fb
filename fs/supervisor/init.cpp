// SPDX-License-Identifier: Apache-2.0
#include "fs/supervisor/init.h"

#include <linux/fuse.h>

#include <algorithm>
#include <cstring>

#include "fs/supervisor/limits.h"

namespace hubfs::supervisor {

namespace {

// What we take of what is offered. Left out on purpose: FUSE_AUTO_INVAL_DATA (content under one
// number never changes), FUSE_READDIRPLUS_AUTO (a listing always brings its attributes),
// FUSE_CACHE_SYMLINKS (symlinks are the names that move), FUSE_WRITEBACK_CACHE (nothing is
// written), FUSE_NO_OPEN_SUPPORT (OPEN checks the repository's state), locks (the kernel's own).
constexpr std::uint32_t kWanted = FUSE_ASYNC_READ | FUSE_BIG_WRITES | FUSE_DO_READDIRPLUS |
                                  FUSE_PARALLEL_DIROPS | FUSE_MAX_PAGES | FUSE_EXPLICIT_INVAL_DATA;

constexpr std::uint32_t kMinorMin = 31;  // Linux 5.2

// linux/fuse.h of 7.43: what Debian 12 calls unused[0] and unused[1] has names now.
struct InitOut {
    std::uint32_t major = FUSE_KERNEL_VERSION;
    std::uint32_t minor = kMinorMin;
    std::uint32_t max_readahead = 0;
    std::uint32_t flags = 0;
    std::uint16_t max_background = kMaxBackground;
    std::uint16_t congestion_threshold = kCongestion;
    std::uint32_t max_write = kMaxWriteBytes;
    std::uint32_t time_gran = 1;
    std::uint16_t max_pages = kMaxPages;
    std::uint16_t map_alignment = 0;
    std::uint32_t flags2 = 0;
    std::uint32_t max_stack_depth = 0;
    std::uint16_t request_timeout = 0;  // seconds
    std::uint16_t unused[11] = {};
};
static_assert(sizeof(InitOut) == 64);

template <class T>
void put(std::vector<std::byte>& out, const T& value) {
    const std::size_t at = out.size();
    out.resize(at + sizeof value);
    std::memcpy(out.data() + at, &value, sizeof value);
}

}  // namespace

Features features_without(const std::vector<std::string>& disabled) {
    const auto off = [&](std::string_view name) {
        return std::find(disabled.begin(), disabled.end(), name) != disabled.end();
    };
    return {.passthrough = !off("passthrough"),
            .resend = !off("resend"),
            .request_timeout = !off("request_timeout")};
}

Result<InitOffer> parse_init(std::span<const std::byte> request) {
    // Up to 7.35 the body had 16 bytes; what is missing reads as zero.
    constexpr std::size_t kBodyMin = 16;
    fuse_in_header header{};
    fuse_init_in body{};
    if (request.size() < sizeof header + kBodyMin) {
        return fail(Code::protocol, "the kernel's first request is too short for INIT");
    }
    std::memcpy(&header, request.data(), sizeof header);
    if (header.opcode != FUSE_INIT || header.len != request.size()) {
        return fail(Code::protocol, "the kernel's first request is not INIT");
    }
    std::memcpy(&body, request.data() + sizeof header,
                std::min(sizeof body, request.size() - sizeof header));
    if (body.major != FUSE_KERNEL_VERSION || body.minor < kMinorMin) {
        return fail(Code::unsupported, "the kernel speaks FUSE " + std::to_string(body.major) +
                                           "." + std::to_string(body.minor) +
                                           "; needed is 7.31 (Linux 5.2) or newer");
    }
    InitOffer offer{.unique = header.unique,
                    .major = body.major,
                    .minor = body.minor,
                    .max_readahead = body.max_readahead,
                    .flags = body.flags};
    if ((body.flags & FUSE_INIT_EXT) != 0) {
        offer.flags |= std::uint64_t{body.flags2} << 32;
    }
    return offer;
}

InitAnswer answer_init(const InitOffer& offer, Features features) {
    InitAnswer answer;
    answer.flags = static_cast<std::uint32_t>(offer.flags) & kWanted;
    answer.max_readahead = offer.max_readahead;
    // The reply need not echo it: the kernel takes the notification from anybody.
    answer.resend = features.resend && (offer.flags & kFlagHasResend) != 0;
    answer.request_timeout = features.request_timeout && (offer.flags & kFlagRequestTimeout) != 0;

    InitOut body;
    body.max_readahead = answer.max_readahead;
    body.flags = answer.flags;
    answer.passthrough = features.passthrough && (offer.flags & kFlagPassthrough) != 0;
    if (answer.passthrough) {
        body.flags |= FUSE_INIT_EXT;
        body.flags2 |= static_cast<std::uint32_t>(kFlagPassthrough >> 32);
        body.max_stack_depth = kStackDepth;
    }
    if (answer.request_timeout) {
        body.flags |= FUSE_INIT_EXT;
        body.flags2 |= static_cast<std::uint32_t>(kFlagRequestTimeout >> 32);
        body.request_timeout = kRequestTimeoutSeconds;
    }
    fuse_out_header header{};
    header.len = sizeof header + sizeof body;
    header.unique = offer.unique;
    put(answer.reply, header);
    put(answer.reply, body);
    return answer;
}

}  // namespace hubfs::supervisor
