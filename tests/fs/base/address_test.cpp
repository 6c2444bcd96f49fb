// SPDX-License-Identifier: Apache-2.0
#include "fs/base/address.h"

#include <gtest/gtest.h>

namespace hubfs {
namespace {

TEST(ListenAddress, ReadsNumericAddressesWithAPort) {
    EXPECT_EQ(parse_listen_address("127.0.0.1:8080"), (ListenAddress{"127.0.0.1", 8080, false}));
    EXPECT_EQ(parse_listen_address("0.0.0.0:0"), (ListenAddress{"0.0.0.0", 0, false}));
    EXPECT_EQ(parse_listen_address("[::1]:443"), (ListenAddress{"::1", 443, true}));
    EXPECT_EQ(parse_listen_address("[::]:65535"), (ListenAddress{"::", 65535, true}));
}

TEST(ListenAddress, RefusesEverythingElse) {
    for (const char* text : {"", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                             "127.0.0.1:-1", "127.0.0.1:80 ", " 127.0.0.1:80", "127.0.0.1:+80",
                             "127.1:80", "localhost:80", "::1:80", "[::1]", "[::1]80",
                             "[::1]:", "[127.0.0.1]:80", "[::1:80", "[fe80::1%eth0]:80", "[]:80"}) {
        EXPECT_FALSE(parse_listen_address(text).has_value()) << text;
    }
}

TEST(ListenAddress, IsWrittenAsItWasRead) {
    for (const char* text : {"127.0.0.1:8080", "[::1]:443"}) {
        EXPECT_EQ(parse_listen_address(text)->text(), text);
    }
}

TEST(HostPattern, ReadsHostsPortsAndWildcards) {
    EXPECT_EQ(parse_host_pattern("Huggingface.CO"), (HostPattern{"huggingface.co", {}, false}));
    EXPECT_EQ(parse_host_pattern("localhost:8080"), (HostPattern{"localhost", 8080, false}));
    EXPECT_EQ(parse_host_pattern("127.0.0.1:1"), (HostPattern{"127.0.0.1", 1, false}));
    EXPECT_EQ(parse_host_pattern("[::1]:1"), (HostPattern{"[::1]", 1, false}));
    EXPECT_EQ(parse_host_pattern("*.hf.co"), (HostPattern{"hf.co", {}, true}));
    EXPECT_EQ(parse_host_pattern("*.hf.co:443"), (HostPattern{"hf.co", 443, true}));
}

TEST(HostPattern, RefusesWhatIsNoHost) {
    for (const char* text : {"",    "*",     "*.",      "*.*.x", "a..b",      ".a",  "a.",
                             "-a",  "a-",    "a b",     "a/b",   "https://a", "a:0", "a:",
                             "a:x", "a:1:2", "*.[::1]", "[::1",  "user@host", "a\n", "*a.b"}) {
        EXPECT_FALSE(parse_host_pattern(text).has_value()) << text;
    }
    EXPECT_FALSE(parse_host_pattern(std::string(64, 'a')).has_value());
}

TEST(PlainUrl, ReadsSchemeHostPortAndPath) {
    const auto url = parse_plain_url("HTTPS://Hub.example.org:8443/base/");
    ASSERT_TRUE(url.has_value());
    EXPECT_TRUE(url->secure);
    EXPECT_EQ(url->host, "hub.example.org");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(url->path, "/base/");
    EXPECT_FALSE(parse_plain_url("http://h")->secure);
}

TEST(PlainUrl, RefusesUsersQueriesAndOtherSchemes) {
    for (const char* text :
         {"", "h", "ftp://h", "http://", "http:///x", "http://u@h", "http://u:p@h", "http://h?q",
          "http://h/?q", "http://h/#f", "http://h/a b", "http://*.h", "http://h:0", "http:/h"}) {
        EXPECT_FALSE(parse_plain_url(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace hubfs
