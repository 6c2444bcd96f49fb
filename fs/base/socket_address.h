// SPDX-License-Identifier: Apache-2.0
// A configured address as the socket calls want it.
#pragma once

#include <sys/socket.h>

#include "fs/base/address.h"

namespace hubfs {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;

    [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
    [[nodiscard]] const sockaddr* get() const {
        return reinterpret_cast<const sockaddr*>(&storage);
    }
};

[[nodiscard]] SocketAddress socket_address(const ListenAddress& address);

// Where a program of this machine reaches who listens there: a wildcard is the loopback.
[[nodiscard]] ListenAddress to_connect_to(ListenAddress address);

}  // namespace hubfs
