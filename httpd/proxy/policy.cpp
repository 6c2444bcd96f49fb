// SPDX-License-Identifier: Apache-2.0
#include "httpd/proxy/policy.h"

#include <algorithm>
#include <array>

#include "fs/base/hash.h"
#include "fs/base/percent.h"
#include "httpd/http/conditional.h"
#include "httpd/http/link.h"

namespace httpd::proxy {

using http::Headers;

namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;
constexpr std::uint16_t kProxyPort = 1080;  // libcurl's, which hubfs gives the same option to

// Characters of a SHA-1 in base64 without its padding: what ends the Hub's weak ETags.
constexpr std::size_t kApiDigestChars = 27;

template <std::size_t N>
bool one_of(std::string_view name, const std::array<std::string_view, N>& names) {
    return std::ranges::any_of(names, [&](std::string_view n) { return http::iequals(n, name); });
}

// RFC 9110 section 7.6.1, and what old software treats alike.
constexpr std::array<std::string_view, 10> kHopByHop = {"Connection",
                                                        "Keep-Alive",
                                                        "Proxy-Connection",
                                                        "Proxy-Authorization",
                                                        "Proxy-Authenticate",
                                                        "TE",
                                                        "Trailer",
                                                        "Transfer-Encoding",
                                                        "Upgrade",
                                                        "HTTP2-Settings"};
// Who asks is nobody's business, and what we say ourselves is not repeated.
constexpr std::array<std::string_view, 13> kNotSent = {
    "Host",      "Content-Length",  "Expect",          "Cookie",           "Authorization",
    "Via",       "Forwarded",       "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
    "X-Real-IP", "Accept-Encoding", "CDN-Loop"};
// Upstream's cache, quota and site traces; what is said about us by ourselves (common_headers).
constexpr std::array<std::string_view, 27> kNotReturned = {"Content-Length",
                                                           "Date",
                                                           "Server",
                                                           "Via",
                                                           "Age",
                                                           "Alt-Svc",
                                                           "Set-Cookie",
                                                           "X-Cache",
                                                           "X-Cache-Hits",
                                                           "X-Hub-Cache",
                                                           "Cache-Status",
                                                           "Proxy-Status",
                                                           "CDN-Cache-Control",
                                                           "RateLimit",
                                                           "RateLimit-Policy",
                                                           "X-RateLimit-Limit",
                                                           "X-RateLimit-Remaining",
                                                           "X-RateLimit-Reset",
                                                           "X-HF-Warning",
                                                           "Strict-Transport-Security",
                                                           "Report-To",
                                                           "NEL",
                                                           "X-Powered-By",
                                                           "Access-Control-Allow-Origin",
                                                           "Access-Control-Expose-Headers",
                                                           "Access-Control-Allow-Credentials",
                                                           "Link"};
constexpr std::array<std::string_view, 2> kTracePrefixes = {"X-Amz-Cf-", "X-Served-By"};
constexpr std::string_view kXetPrefix = "X-Xet-";
constexpr std::string_view kXetType = "vnd.xet-fileinfo";

std::uint16_t default_port(bool secure) {
    return secure ? kHttpsPort : kHttpPort;
}

bool listed(const std::vector<hubfs::HostPattern>& patterns, const Address& address) {
    return std::ranges::any_of(
        patterns, [&](const hubfs::HostPattern& pattern) { return matches(pattern, address); });
}

bool clean_target(std::string_view target) {
    return std::ranges::all_of(target, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte > 0x20 && byte != 0x7f;
    });
}

// W/"<length in hex>-<SHA-1 in base64>", as the Hub's API has them (hubfs::weak_api_etag).
bool is_weak_api_etag(std::string_view text) {
    const auto tag = http::parse_etag(text);
    const auto dash = tag ? tag->opaque.find('-') : std::string_view::npos;
    return dash != std::string_view::npos && tag->weak && dash > 0 &&
           tag->opaque.size() == dash + 1 + kApiDigestChars &&
           tag->opaque.find_first_not_of("0123456789abcdefABCDEF") == dash;
}

// Our own address of a place on upstream: without the prefix of upstream's paths.
std::optional<std::string> own_target(const PolicyConfig& config, std::string_view target) {
    if (!target.starts_with(config.upstream.target)) {
        return std::nullopt;
    }
    target.remove_prefix(config.upstream.target.size());
    if (target.empty() || target.front() == '?') {
        return "/" + std::string(target);
    }
    if (target.front() != '/') {
        return std::nullopt;
    }
    // "//x" would be another host (RFC 3986 section 4.2), and browsers read "\\" as "/".
    const bool ambiguous = target.size() > 1 && (target[1] == '/' || target[1] == '\\');
    return (ambiguous ? "/." : "") + std::string(target);
}

std::optional<Address> absolute(std::string_view url) {
    const auto authority_end = url.find_first_of("/?", url.find("://") + 3);
    const std::string_view origin = url.substr(0, authority_end);
    const auto plain = hubfs::parse_plain_url(origin);
    if (!plain) {
        return std::nullopt;
    }
    Address address{plain->secure, plain->host, plain->port.value_or(default_port(plain->secure)),
                    "/"};
    if (authority_end != std::string_view::npos) {
        const std::string_view rest = url.substr(authority_end);
        address.target = rest.front() == '/' ? std::string(rest) : "/" + std::string(rest);
    }
    return address;
}

}  // namespace

std::string Address::authority() const {
    return port == default_port(secure) ? host : host + ":" + std::to_string(port);
}

bool matches(const hubfs::HostPattern& pattern, const Address& address) {
    const std::uint16_t port = pattern.port.value_or(default_port(address.secure));
    if (port != address.port) {
        return false;
    }
    if (!pattern.wildcard) {
        return address.host == pattern.host;
    }
    return address.host.size() > pattern.host.size() + 1 &&
           address.host.ends_with("." + pattern.host);
}

std::optional<Address> resolve_location(const Address& from, std::string_view location) {
    location = location.substr(0, location.find('#'));
    if (location.empty() || !clean_target(location)) {
        return std::nullopt;
    }
    const auto colon = location.find(':');
    if (colon != std::string_view::npos && colon < location.find_first_of("/?")) {
        return absolute(location);
    }
    if (location.starts_with("//")) {
        return absolute((from.secure ? "https:" : "http:") + std::string(location));
    }
    Address to = from;
    if (location.front() == '/') {
        to.target = location;
        return to;
    }
    const std::string_view path = std::string_view(from.target).substr(0, from.target.find('?'));
    to.target = location.front() == '?' ? path : path.substr(0, path.rfind('/') + 1);
    to.target += location;
    return to;
}

std::optional<ProxyServer> parse_proxy(std::string_view text) {
    if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
        if (!http::iequals(text.substr(0, scheme), "http")) {
            return std::nullopt;
        }
        text.remove_prefix(scheme + 3);
    }
    ProxyServer server;
    if (const auto at = text.rfind('@'); at != std::string_view::npos) {
        const auto user = hubfs::percent_decode(text.substr(0, at));
        if (!user) {
            return std::nullopt;
        }
        const std::vector<std::uint8_t> bytes(user->begin(), user->end());
        server.authorization = "Basic " + hubfs::base64(bytes);
        text.remove_prefix(at + 1);
    }
    const auto url = hubfs::parse_plain_url("http://" + std::string(text));
    if (!url || url->path.size() > 1) {
        return std::nullopt;
    }
    server.host =
        url->host.starts_with('[') ? url->host.substr(1, url->host.size() - 2) : url->host;
    server.port = url->port.value_or(kProxyPort);
    return server;
}

bool is_loop(const PolicyConfig& config, const Headers& request) {
    return !config.loop_name.empty() && request.lists("CDN-Loop", config.loop_name);
}

std::optional<Address> followable(const PolicyConfig& config, const Address& from,
                                  std::string_view location) {
    const auto to = resolve_location(from, location);
    const bool known =
        to && (to->same_origin(config.upstream) || listed(config.content_hosts, *to));
    return known && (to->secure || config.allow_http) ? to : std::nullopt;
}

RedirectChoice choose_redirect(const PolicyConfig& config, const Address& from,
                               std::string_view location, bool can_follow) {
    const auto to = resolve_location(from, location);
    if (!to) {
        return {};
    }
    // A client that is sent to upstream itself leaves the mirror, and takes its token along.
    const bool own = to->same_origin(config.upstream);
    if (!own && to->secure && location.find("://") != std::string_view::npos &&
        listed(config.redirect_hosts, *to)) {
        return {Redirect::give_back, *to};
    }
    if (!followable(config, from, location)) {
        return {};
    }
    if (can_follow) {
        return {Redirect::follow, *to};
    }
    return own ? RedirectChoice{Redirect::give_back_relative, *to} : RedirectChoice{};
}

void adapt_locations(const PolicyConfig& config, const Address& from, Headers& headers) {
    for (const std::string_view name : {"Location", "Content-Location"}) {
        const std::string* const found = headers.find(name);
        if (found == nullptr) {
            continue;
        }
        const std::string value = *found;
        const RedirectChoice choice = choose_redirect(config, from, value, false);
        if (choice.what == Redirect::give_back) {
            headers.set(name, value);  // one, if there were more
            continue;
        }
        const auto own = choice.what == Redirect::give_back_relative
                             ? own_target(config, choice.to.target)
                             : std::nullopt;
        if (!own) {
            headers.remove(name);
            continue;
        }
        const auto fragment = std::min(value.find('#'), value.size());
        headers.set(name, *own + value.substr(fragment));
    }
}

bool expects_continue(const http::Forward& order) {
    return !order.body && order.request.body &&
           http::iequals(order.request.headers.get("Expect"), "100-continue");
}

std::string request_head(const http::Forward& order, const PolicyConfig& config,
                         const Address& to) {
    const http::Request& request = order.request;
    const Headers& headers = request.headers;
    // A proxy is asked for http addresses as a whole (RFC 9112 section 3.2.2).
    const bool by_proxy = config.proxy && !to.secure;
    std::string head = request.method_text + " " + (by_proxy ? "http://" + to.authority() : "") +
                       to.target + " HTTP/1.1\r\nHost: " + to.authority() +
                       "\r\nConnection: close\r\n";
    const auto add = [&head](std::string_view name, std::string_view value) {
        head.append(name).append(": ").append(value).append("\r\n");
    };
    if (by_proxy && !config.proxy->authorization.empty()) {
        add("Proxy-Authorization", config.proxy->authorization);
    }
    if (!config.loop_name.empty()) {
        const std::string before = headers.joined("CDN-Loop");
        add("CDN-Loop", before.empty() ? config.loop_name : before + ", " + config.loop_name);
    }
    for (const auto& field : headers) {
        if (one_of(field.name, kHopByHop) || one_of(field.name, kNotSent) ||
            headers.lists("Connection", field.name)) {
            continue;
        }
        if (http::iequals(field.name, "Accept") &&
            field.value.find(kXetType) != std::string::npos) {
            continue;  // nobody is offered Xet
        }
        add(field.name, field.value);
    }
    if (order.with_token && to.same_origin(config.upstream) && headers.has("Authorization")) {
        add("Authorization", headers.get("Authorization"));
    }
    // What must be read must come as it is.
    const std::string encoding = headers.joined("Accept-Encoding");
    add("Accept-Encoding", order.filter_json || encoding.empty() ? "identity" : encoding);
    if (expects_continue(order)) {
        add("Expect", "100-continue");
    }
    if (order.body) {
        add("Content-Length", std::to_string(order.body->size()));
    } else if (request.body_length) {
        add("Content-Length", std::to_string(*request.body_length));
    } else if (request.body) {
        add("Transfer-Encoding", "chunked");
    } else if (!request.get_or_head()) {
        add("Content-Length", "0");
    }
    return head + "\r\n";
}

Headers response_headers(const Headers& from, std::string_view own_base, bool keep_xet) {
    Headers out;
    for (const auto& field : from) {
        const bool trace = std::ranges::any_of(kTracePrefixes, [&](std::string_view prefix) {
            return http::istarts_with(field.name, prefix);
        });
        if (trace || one_of(field.name, kHopByHop) || one_of(field.name, kNotReturned) ||
            from.lists("Connection", field.name) ||
            (!keep_xet && http::istarts_with(field.name, kXetPrefix))) {
            continue;
        }
        out.add(field.name, field.value);
    }
    if (const auto next = http::next_link(from.joined("Link"), own_base)) {
        out.add("Link", *next);
    }
    return out;
}

void body_changed(Headers& headers, std::string_view body) {
    for (const std::string_view digest :
         {"Content-MD5", "Digest", "Content-Digest", "Repr-Digest"}) {
        headers.remove(digest);
    }
    if (is_weak_api_etag(headers.get("ETag"))) {
        headers.set("ETag", hubfs::weak_api_etag(body));
    } else {
        headers.remove("ETag");
    }
}

void take_hints(FileHints& hints, const Headers& redirect) {
    const auto take = [&](std::string& to, std::string_view name) {
        if (const std::string* const value = redirect.find(name); value != nullptr && to.empty()) {
            to = *value;
        }
    };
    take(hints.commit, "X-Repo-Commit");
    take(hints.etag, "X-Linked-ETag");
    take(hints.size, "X-Linked-Size");
}

void apply_hints(const FileHints& hints, Headers& headers) {
    if (!hints.commit.empty()) {
        headers.set("X-Repo-Commit", hints.commit);
    }
    if (!hints.etag.empty()) {
        headers.set("X-Linked-ETag", hints.etag);
        headers.set("ETag", hints.etag);  // not the content host's own
    }
    if (!hints.size.empty()) {
        headers.set("X-Linked-Size", hints.size);
    }
}

void adapt_conditions(const FileHints& hints, Headers& request) {
    if (const std::string* const value = request.find("If-Range")) {
        const auto asked = http::parse_etag(*value);
        const auto current = http::parse_etag(hints.etag);
        if (!asked || !current || !http::strong_match(*asked, *current)) {
            request.remove("Range");
        }
        request.remove("If-Range");
    }
    request.remove("If-None-Match");
    request.remove("If-Match");
}

}  // namespace httpd::proxy
