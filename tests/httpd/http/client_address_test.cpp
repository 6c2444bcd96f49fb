// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/client_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace httpd::http {
namespace {

std::string v6(const char* text) {
    std::array<std::uint8_t, 16> bytes{};
    EXPECT_EQ(inet_pton(AF_INET6, text, bytes.data()), 1);
    return truncated_v6(bytes);
}

TEST(ClientAddress, loses_its_last_bits) {
    EXPECT_EQ(truncated_v4({192, 0, 2, 77}), "192.0.2.0");
    EXPECT_EQ(v6("2001:db8:1234:5678:9abc:def0:1234:5678"), "2001:db8:1234::");
    EXPECT_EQ(v6("::1"), "::");
    EXPECT_EQ(v6("::ffff:192.0.2.77"), "192.0.2.0");
}

}  // namespace
}  // namespace httpd::http
