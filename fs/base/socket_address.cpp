// SPDX-License-Identifier: Apache-2.0
#include "fs/base/socket_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

namespace hubfs {

SocketAddress socket_address(const ListenAddress& address) {
    SocketAddress out;
    if (address.v6) {
        auto* const v6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(address.port);
        inet_pton(AF_INET6, address.host.c_str(), &v6->sin6_addr);
        out.size = sizeof(*v6);
    } else {
        auto* const v4 = reinterpret_cast<sockaddr_in*>(&out.storage);
        v4->sin_family = AF_INET;
        v4->sin_port = htons(address.port);
        inet_pton(AF_INET, address.host.c_str(), &v4->sin_addr);
        out.size = sizeof(*v4);
    }
    return out;
}

ListenAddress to_connect_to(ListenAddress address) {
    if (address.host == "0.0.0.0") {
        address.host = "127.0.0.1";
    } else if (address.host == "::") {
        address.host = "::1";
    }
    return address;
}

}  // namespace hubfs
