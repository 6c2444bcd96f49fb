// SPDX-License-Identifier: Apache-2.0
#include "httpd/h1/raw_head.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

#include "httpd/http/headers.h"

namespace httpd::h1 {

namespace {

using http::iequals;
using http::is_field_value;
using http::is_token;
using http::trim;

constexpr std::size_t kMethodBytesMax = 32;
constexpr std::size_t kHostBytesMax = 260;    // a name of 253 bytes and a port
constexpr std::size_t kLengthDigitsMax = 18;  // fits into 63 bits

bool name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == '~';
}

// uri-host [":" port] (RFC 9110 section 7.2): a name, an IPv4 address or one of IPv6 in brackets.
bool good_host(std::string_view host) {
    if (host.empty() || host.size() > kHostBytesMax) {
        return false;
    }
    std::string_view port;
    if (host.front() == '[') {
        const std::size_t end = host.find(']');
        in6_addr address{};
        if (end == std::string_view::npos ||
            ::inet_pton(AF_INET6, std::string(host.substr(1, end - 1)).c_str(), &address) != 1) {
            return false;
        }
        port = host.substr(end + 1);
    } else {
        const std::size_t end = std::min(host.find(':'), host.size());
        if (end == 0 || !std::ranges::all_of(host.substr(0, end), name_char)) {
            return false;
        }
        port = host.substr(end);
    }
    if (port.empty()) {
        return true;
    }
    std::uint16_t number = 0;
    const char* const end = port.data() + port.size();
    const auto read = std::from_chars(port.data() + 1, end, number);
    return port.front() == ':' && (port.size() == 1 || (read.ec == std::errc() && read.ptr == end));
}

// No control characters, spaces or fragments; bytes above ASCII come from real clients.
bool good_target(std::string_view target, std::string_view method) {
    const bool clean = std::ranges::all_of(target, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte > 0x20 && byte != 0x7f && c != '#';
    });
    if (!clean || target.empty()) {
        return false;
    }
    if (target == "*") {
        return method == "OPTIONS";
    }
    if (target.front() == '/') {
        return true;
    }
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (http::istarts_with(target, scheme)) {
            const std::string_view rest = target.substr(scheme.size());
            return good_host(rest.substr(0, rest.find_first_of("/?")));
        }
    }
    return false;
}

struct Seen {
    bool http10 = false;
    std::size_t fields = 0;
    std::size_t hosts = 0;
    std::size_t lengths = 0;
    std::size_t codings = 0;
    bool expects_other = false;
};

HeadVerdict check_request_line(std::string_view line, Seen& seen) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) {
        return {400, "malformed request line"};
    }
    const std::string_view method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, last - first - 1);
    const std::string_view version = line.substr(last + 1);
    if (method.size() > kMethodBytesMax || !is_token(method)) {
        return {400, "malformed method"};
    }
    if (target.size() > kTargetBytesMax) {
        return {414, "request target too long"};
    }
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        return version.starts_with("HTTP/") ? HeadVerdict{505, "only version 1.1 is spoken here"}
                                            : HeadVerdict{400, "malformed request line"};
    }
    if (method == "CONNECT") {
        return {405, "no CONNECT here"};
    }
    if (!good_target(target, method)) {
        return {400, "malformed request target"};
    }
    seen.http10 = version == "HTTP/1.0";
    return {};
}

HeadVerdict check_field(std::string_view line, Seen& seen) {
    if (line.front() == ' ' || line.front() == '\t') {
        return {400, "folded header line"};
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
        return {400, "malformed header name"};  // a space before the colon included
    }
    const std::string_view name = line.substr(0, colon);
    const std::string_view raw = line.substr(colon + 1);
    if (!is_field_value(raw)) {
        return {400, "control character in a header value"};
    }
    const std::string_view value = trim(raw);
    if (iequals(name, "Host")) {
        if (++seen.hosts > 1 || !good_host(value)) {
            return {400, "malformed or repeated Host"};
        }
    } else if (iequals(name, "Content-Length")) {
        const bool digits = !value.empty() && value.size() <= kLengthDigitsMax &&
                            std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
        if (++seen.lengths > 1 || !digits) {
            return {400, "malformed or repeated Content-Length"};
        }
    } else if (iequals(name, "Expect")) {
        seen.expects_other = seen.expects_other || !iequals(value, "100-continue");
    } else if (iequals(name, "Transfer-Encoding")) {
        if (++seen.codings > 1) {
            return {400, "repeated Transfer-Encoding"};
        }
        if (!iequals(value, "chunked")) {
            const auto members = http::list_members(value);
            const auto chunked = std::ranges::count_if(
                members, [](std::string_view m) { return iequals(m, "chunked"); });
            return members.empty() || chunked > 1
                       ? HeadVerdict{400, "malformed Transfer-Encoding"}
                       : HeadVerdict{501, "transfer coding not supported"};
        }
    }
    return {};
}

}  // namespace

std::size_t leading_empty_lines(std::string_view buffer) {
    std::size_t n = 0;
    while (n < 2 * kEmptyLinesMax && buffer.substr(n, 2) == "\r\n") {
        n += 2;
    }
    return n;
}

std::optional<std::size_t> HeadFinder::find(std::string_view buffer, HeadVerdict& verdict) {
    for (; scanned_ < buffer.size(); ++scanned_) {
        const char c = buffer[scanned_];
        if (c == '\0') {
            verdict = {400, "NUL in the head"};
            return std::nullopt;
        }
        if (c != '\n') {
            continue;
        }
        if (scanned_ == 0 || buffer[scanned_ - 1] != '\r') {
            verdict = {400, "bare line feed in the head"};
            return std::nullopt;
        }
        if (scanned_ - 1 == line_start_) {
            return ++scanned_;
        }
        line_start_ = scanned_ + 1;
    }
    if (buffer.size() > kHeadBytesMax) {
        const bool first_line = line_start_ == 0;
        verdict = first_line ? HeadVerdict{414, "request target too long"}
                             : HeadVerdict{431, "head too long"};
    }
    return std::nullopt;
}

HeadVerdict check_head(std::string_view head) {
    if (head.size() > kHeadBytesMax) {
        return {431, "head too long"};
    }
    Seen seen;
    bool request_line = true;
    while (true) {
        const auto end = head.find("\r\n");
        if (end == std::string_view::npos) {
            return {400, "head without an end"};
        }
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(end + 2);
        if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
            return {400, "bare CR, LF or NUL in the head"};
        }
        if (line.empty()) {
            break;
        }
        const HeadVerdict verdict =
            request_line ? check_request_line(line, seen) : check_field(line, seen);
        if (!verdict.ok()) {
            return verdict;
        }
        if (!request_line && ++seen.fields > kFieldsMax) {
            return {431, "too many header fields"};
        }
        request_line = false;
    }
    if (request_line || !head.empty()) {
        return {400, "malformed head"};
    }
    if (seen.hosts == 0 && !seen.http10) {
        return {400, "missing Host"};
    }
    if (seen.codings > 0 && (seen.lengths > 0 || seen.http10)) {
        return {400, "ambiguous message length"};
    }
    if (seen.expects_other && !seen.http10) {  // RFC 9110 section 10.1.1
        return {417, "the only expectation known here is 100-continue"};
    }
    return {};
}

}  // namespace httpd::h1
