// SPDX-License-Identifier: Apache-2.0
// Addresses as the configuration spells them: "127.0.0.1:8080", "[::1]:8080" to listen on, and
// "host", "host:port" or "*.host" in lists of hosts. Pure; knows no socket and asks no resolver.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hubfs {

// Where to listen. Numeric only, so that a start never waits for a resolver; port 0: any free one.
struct ListenAddress {
    std::string host;  // without brackets
    std::uint16_t port = 0;
    bool v6 = false;

    // As it was written: brackets around an IPv6 address.
    [[nodiscard]] std::string text() const;
    friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

[[nodiscard]] std::optional<ListenAddress> parse_listen_address(std::string_view text);

// One entry of a host list, lower case.
struct HostPattern {
    std::string host;                   // for "*.example.org": "example.org"
    std::optional<std::uint16_t> port;  // nothing: the scheme's own port only
    bool wildcard = false;              // every name below host, host itself not

    friend bool operator==(const HostPattern&, const HostPattern&) = default;
};

[[nodiscard]] std::optional<HostPattern> parse_host_pattern(std::string_view text);

// The host, port and path of an http or https address without user, query or fragment.
struct PlainUrl {
    bool secure = false;
    std::string host;  // lower case; an IPv6 address keeps its brackets
    std::optional<std::uint16_t> port;
    std::string path;  // empty or starts with "/"
};

[[nodiscard]] std::optional<PlainUrl> parse_plain_url(std::string_view text);

// 1 to 65535, or 0 to 65535 when `zero_allowed`; digits only.
[[nodiscard]] std::optional<std::uint16_t> parse_port(std::string_view text, bool zero_allowed);

}  // namespace hubfs
