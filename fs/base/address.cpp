// SPDX-License-Identifier: Apache-2.0
#include "fs/base/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "fs/base/text.h"

namespace hubfs {
namespace {

constexpr std::size_t kHostNameMax = 253;  // RFC 1035 2.3.4, without the final dot
constexpr std::size_t kHostLabelMax = 63;

bool numeric_address(int family, std::string_view text) {
    unsigned char bytes[sizeof(in6_addr)];
    return inet_pton(family, std::string(text).c_str(), bytes) == 1;
}

bool label_ok(std::string_view label) {
    if (label.empty() || label.size() > kHostLabelMax || label.front() == '-' ||
        label.back() == '-') {
        return false;
    }
    return std::ranges::all_of(label, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
}

bool host_name_ok(std::string_view host) {
    if (host.empty() || host.size() > kHostNameMax) {
        return false;
    }
    while (true) {
        const std::size_t dot = host.find('.');
        if (!label_ok(host.substr(0, dot))) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return true;
        }
        host.remove_prefix(dot + 1);
    }
}

struct HostAndPort {
    std::string_view host;  // an IPv6 address keeps its brackets
    std::optional<std::string_view> port;
};

// Only cuts; neither part has been looked at.
std::optional<HostAndPort> split_port(std::string_view text) {
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        const std::string_view rest = text.substr(end + 1);
        if (rest.empty()) {
            return HostAndPort{text, std::nullopt};
        }
        if (rest.front() != ':') {
            return std::nullopt;
        }
        return HostAndPort{text.substr(0, end + 1), rest.substr(1)};
    }
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
        return HostAndPort{text, std::nullopt};
    }
    return HostAndPort{text.substr(0, colon), text.substr(colon + 1)};
}

bool bracketed_v6(std::string_view host) {
    return host.size() > 2 && host.front() == '[' && host.back() == ']' &&
           numeric_address(AF_INET6, host.substr(1, host.size() - 2));
}

bool path_ok(std::string_view path) {
    return std::ranges::all_of(path, [](char c) {
        return c > ' ' && c < 0x7f && c != '?' && c != '#' && c != '\\' && c != '"' && c != '<' &&
               c != '>';
    });
}

}  // namespace

std::string ListenAddress::text() const {
    const std::string name = v6 ? "[" + host + "]" : host;
    return name + ":" + std::to_string(port);
}

std::optional<std::uint16_t> parse_port(std::string_view text, bool zero_allowed) {
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, port);
    if (error != std::errc{} || stop != end || (port == 0 && !zero_allowed)) {
        return std::nullopt;
    }
    return port;
}

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
    const auto parts = split_port(text);
    if (!parts || !parts->port) {
        return std::nullopt;
    }
    const auto port = parse_port(*parts->port, true);
    if (!port) {
        return std::nullopt;
    }
    if (bracketed_v6(parts->host)) {
        const auto inner = parts->host.substr(1, parts->host.size() - 2);
        return ListenAddress{std::string(inner), *port, true};
    }
    if (numeric_address(AF_INET, parts->host)) {
        return ListenAddress{std::string(parts->host), *port, false};
    }
    return std::nullopt;
}

std::optional<HostPattern> parse_host_pattern(std::string_view text) {
    HostPattern pattern;
    if (text.starts_with("*.")) {
        pattern.wildcard = true;
        text.remove_prefix(2);
    }
    const auto parts = split_port(text);
    if (!parts) {
        return std::nullopt;
    }
    const bool v6 = bracketed_v6(parts->host);
    if ((!v6 && !host_name_ok(parts->host)) || (v6 && pattern.wildcard)) {
        return std::nullopt;
    }
    if (parts->port) {
        pattern.port = parse_port(*parts->port, false);
        if (!pattern.port) {
            return std::nullopt;
        }
    }
    pattern.host = ascii_lower(parts->host);
    return pattern;
}

std::optional<PlainUrl> parse_plain_url(std::string_view text) {
    PlainUrl url;
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string scheme = ascii_lower(text.substr(0, colon));
    if (scheme != "http" && scheme != "https") {
        return std::nullopt;
    }
    url.secure = scheme == "https";
    text.remove_prefix(colon + 3);
    const std::size_t slash = text.find('/');
    if (slash != std::string_view::npos) {
        url.path = text.substr(slash);
        text = text.substr(0, slash);
    }
    const auto pattern = parse_host_pattern(text);
    if (!pattern || pattern->wildcard || !path_ok(url.path)) {
        return std::nullopt;
    }
    url.host = pattern->host;
    url.port = pattern->port;
    return url;
}

}  // namespace hubfs
