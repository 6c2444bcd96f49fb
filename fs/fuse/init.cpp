// SPDX-License-Identifier: Apache-2.0
#include "fs/fuse/init.h"

#include <linux/fuse.h>

#include <cstring>

namespace hubfs::fuse {

namespace {

constexpr std::int32_t kNotifyResend = 7;  // not in Debian 12's linux/fuse.h

template <class T>
void put(std::vector<std::byte>& out, const T& value) {
    const std::size_t at = out.size();
    out.resize(at + sizeof value);
    std::memcpy(out.data() + at, &value, sizeof value);
}

}  // namespace

std::vector<std::byte> synthetic_init(const Granted& granted) {
    fuse_in_header header{};
    fuse_init_in body{};
    header.len = sizeof header + sizeof body;
    header.opcode = FUSE_INIT;
    header.unique = kInitUnique;
    body.major = FUSE_KERNEL_VERSION;
    body.minor = 31;
    body.max_readahead = granted.max_readahead;
    body.flags = granted.flags;
    std::vector<std::byte> bytes;
    put(bytes, header);
    put(bytes, body);
    return bytes;
}

std::vector<std::byte> resend_notification() {
    fuse_out_header header{};
    header.len = sizeof header;
    header.error = kNotifyResend;
    std::vector<std::byte> bytes;
    put(bytes, header);
    return bytes;
}

}  // namespace hubfs::fuse
