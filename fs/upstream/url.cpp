// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/url.h"

#include <algorithm>

#include "fs/base/address.h"
#include "fs/upstream/limits.h"

namespace hubfs::upstream {

namespace {

bool alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool digit(char c) {
    return c >= '0' && c <= '9';
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

// "name", "127.0.0.1" or "[::1]"; what else it may be is for the resolver to refuse.
bool valid_host(std::string_view host) {
    if (host.empty() || host.size() > 255) {
        return false;
    }
    if (host.front() == '[') {
        const std::string_view inner = host.substr(1, host.size() - 2);
        return host.size() > 2 && host.back() == ']' && std::ranges::all_of(inner, [](char c) {
                   return digit(c) || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
               });
    }
    return host.front() != '.' && host.front() != '-' && std::ranges::all_of(host, [](char c) {
               return alpha(c) || digit(c) || c == '.' || c == '-' || c == '_';
           });
}

// The end of "scheme:" (RFC 3986 section 3.1), or 0 for a relative reference.
std::size_t scheme_length(std::string_view text) {
    if (text.empty() || !alpha(text.front())) {
        return 0;
    }
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == ':') {
            return i + 1;
        }
        if (!alpha(text[i]) && !digit(text[i]) && text[i] != '+' && text[i] != '-' &&
            text[i] != '.') {
            return 0;
        }
    }
    return 0;
}

// Nothing for spaces and control characters; other bytes as they go on the wire.
std::optional<std::string> to_wire(std::string_view text) {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte == 0x7f || c == '\\') {
            return std::nullopt;
        }
        if (byte > 0x7f) {
            out += '%';
            out += kHex[byte >> 4U];
            out += kHex[byte & 0xfU];
        } else {
            out += c;
        }
    }
    return out;
}

// "//host:port/path?query" with the scheme known.
std::optional<Url> parse_authority_and_target(bool secure, std::string_view text) {
    if (!text.starts_with("//")) {
        return std::nullopt;
    }
    text.remove_prefix(2);
    const std::size_t end = std::min(text.find_first_of("/?"), text.size());
    std::string_view authority = text.substr(0, end);
    Url url;
    url.secure = secure;
    url.port = secure ? 443 : 80;
    const std::size_t after_bracket = authority.starts_with('[') ? authority.find(']') : 0;
    const std::size_t colon = authority.find(':', std::min(after_bracket, authority.size()));
    if (colon != std::string_view::npos) {
        const auto port = parse_port(authority.substr(colon + 1), false);
        if (!port) {
            return std::nullopt;
        }
        url.port = *port;
        authority = authority.substr(0, colon);
    }
    url.host = lower(authority);
    if (!valid_host(url.host)) {
        return std::nullopt;
    }
    url.target = std::string(text.substr(end));
    if (!url.target.starts_with('/')) {
        url.target.insert(0, "/");
    }
    return url;
}

// RFC 3986 section 5.2.4, for a path that begins with "/".
std::string remove_dot_segments(std::string_view path) {
    std::string out;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/', 1), path.size());
        const std::string_view segment = path.substr(0, end);
        const bool last = end == path.size();
        if (segment == "/." || segment == "/..") {
            if (segment == "/..") {
                out.resize(std::min(out.rfind('/'), out.size()));
            }
            if (last) {
                out += '/';
            }
        } else {
            out += segment;
        }
        path.remove_prefix(end);
    }
    return out;
}

void normalise(Url& url) {
    const std::size_t query = std::min(url.target.find('?'), url.target.size());
    url.target = remove_dot_segments(std::string_view(url.target).substr(0, query)) +
                 url.target.substr(query);
}

}  // namespace

std::string Url::origin() const {
    std::string text = (secure ? "https://" : "http://") + host;
    if (!default_port()) {
        text += ':' + std::to_string(port);
    }
    return text;
}

std::optional<Url> parse_url(std::string_view text) {
    if (text.size() > kUrlMaxBytes) {
        return std::nullopt;
    }
    const auto wire = to_wire(text.substr(0, text.find('#')));
    if (!wire) {
        return std::nullopt;
    }
    const std::size_t scheme = scheme_length(*wire);
    const std::string name = lower(std::string_view(*wire).substr(0, scheme));
    if (name != "https:" && name != "http:") {
        return std::nullopt;
    }
    auto url = parse_authority_and_target(name == "https:", std::string_view(*wire).substr(scheme));
    if (url) {
        normalise(*url);
    }
    return url;
}

std::optional<Url> resolve(const Url& base, std::string_view reference) {
    reference = reference.substr(0, reference.find('#'));
    if (scheme_length(reference) > 0) {
        return parse_url(reference);
    }
    if (reference.starts_with("//")) {
        return parse_url((base.secure ? "https:" : "http:") + std::string(reference));
    }
    const auto wire = to_wire(reference);
    if (!wire || wire->size() > kUrlMaxBytes) {
        return std::nullopt;
    }
    Url url = base;
    if (wire->empty()) {
        return url;
    }
    const std::string_view path = std::string_view(base.target).substr(0, base.target.find('?'));
    if (wire->front() == '/') {
        url.target = *wire;
    } else if (wire->front() == '?') {
        url.target = std::string(path) + *wire;
    } else {
        url.target = std::string(path.substr(0, path.rfind('/') + 1)) + *wire;
    }
    normalise(url);
    return url;
}

bool valid_target(std::string_view target) {
    return target.starts_with('/') && target.size() <= kUrlMaxBytes &&
           std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
}

}  // namespace hubfs::upstream
