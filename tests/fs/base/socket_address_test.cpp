// SPDX-License-Identifier: Apache-2.0
#include "fs/base/socket_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <array>

namespace hubfs {
namespace {

TEST(SocketAddress, HasTheHostAndPortInNetworkOrder) {
    const SocketAddress v4 = socket_address(*parse_listen_address("192.0.2.1:8080"));
    const auto* const in = reinterpret_cast<const sockaddr_in*>(v4.get());
    EXPECT_EQ(v4.size, sizeof(sockaddr_in));
    EXPECT_EQ(in->sin_family, AF_INET);
    EXPECT_EQ(ntohs(in->sin_port), 8080);
    EXPECT_EQ(ntohl(in->sin_addr.s_addr), 0xc0000201U);

    const SocketAddress v6 = socket_address(*parse_listen_address("[2001:db8::1]:1"));
    const auto* const in6 = reinterpret_cast<const sockaddr_in6*>(v6.get());
    EXPECT_EQ(v6.size, sizeof(sockaddr_in6));
    EXPECT_EQ(in6->sin6_family, AF_INET6);
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(AF_INET6, &in6->sin6_addr, text.data(), text.size());
    EXPECT_STREQ(text.data(), "2001:db8::1");
}

TEST(SocketAddress, AWildcardIsReachedAtTheLoopback) {
    EXPECT_EQ(to_connect_to(*parse_listen_address("0.0.0.0:80")).text(), "127.0.0.1:80");
    EXPECT_EQ(to_connect_to(*parse_listen_address("[::]:80")).text(), "[::1]:80");
    EXPECT_EQ(to_connect_to({"0.0.0.0", 5, false}).host, "127.0.0.1");
    EXPECT_EQ(to_connect_to({"::", 5, true}).host, "::1");
    EXPECT_EQ(to_connect_to(*parse_listen_address("192.0.2.1:80")).text(), "192.0.2.1:80");
}

}  // namespace
}  // namespace hubfs
