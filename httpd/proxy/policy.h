// SPDX-License-Identifier: Apache-2.0
// What the pass-through sends on and what it takes back: headers both ways, who gets the token,
// which redirects a client may see. Pure; everything from upstream is untrusted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fs/base/address.h"
#include "httpd/http/forwarder.h"
#include "httpd/http/headers.h"

namespace httpd::proxy {

struct Address {
    bool secure = false;
    std::string host;  // lower case; an IPv6 address keeps its brackets
    std::uint16_t port = 0;
    std::string target;  // origin-form

    [[nodiscard]] bool same_origin(const Address& other) const {
        return secure == other.secure && host == other.host && port == other.port;
    }
    // "host" or "host:port", as a Host header says it.
    [[nodiscard]] std::string authority() const;
};

// An HTTP proxy on the way to upstream: https goes through a tunnel (CONNECT), http is asked of it.
struct ProxyServer {
    std::string host;  // an IPv6 address without brackets
    std::uint16_t port = 0;
    std::string authorization;  // the value of Proxy-Authorization, or empty
};
// "http://[user:password@]host[:port]", also without the scheme; nothing for other kinds.
[[nodiscard]] std::optional<ProxyServer> parse_proxy(std::string_view text);

struct PolicyConfig {
    Address upstream;  // its target: the prefix of all paths, without a trailing slash
    std::vector<hubfs::HostPattern> content_hosts;
    std::vector<hubfs::HostPattern> redirect_hosts;
    bool allow_http = false;
    std::optional<ProxyServer> proxy{};
    // Our name in CDN-Loop (RFC 8586), different in each process: a request that carries it came
    // from us.
    std::string loop_name{};
};

[[nodiscard]] bool matches(const hubfs::HostPattern& pattern, const Address& address);

// Where a Location leads, seen from `from`. Nothing for anything but http and https.
[[nodiscard]] std::optional<Address> resolve_location(const Address& from,
                                                      std::string_view location);

// Where upstream's own words (a redirect, an address in an answer) may lead us: to upstream itself
// and its content hosts.
[[nodiscard]] std::optional<Address> followable(const PolicyConfig& config, const Address& from,
                                                std::string_view location);
// Whether this request was sent by this process.
[[nodiscard]] bool is_loop(const PolicyConfig& config, const http::Headers& request);

enum class Redirect : std::uint8_t {
    give_back,           // the client may go there
    give_back_relative,  // the same origin: the client stays on the mirror
    follow,              // we go there
    refuse,              // nobody does
};
struct RedirectChoice {
    Redirect what = Redirect::refuse;
    Address to{};
};
// `can_follow`: the request has no body and its method is safe.
[[nodiscard]] RedirectChoice choose_redirect(const PolicyConfig& config, const Address& from,
                                             std::string_view location, bool can_follow);

// Location and Content-Location of an answer that the client gets, whatever its status: what leads
// to upstream's own origin leads to this mirror, as a relative address; https to redirect_hosts
// stays; the rest is left out.
void adapt_locations(const PolicyConfig& config, const Address& from, http::Headers& headers);

// Whether the client waits for a word of upstream before it sends its body (RFC 9110 10.1.1).
[[nodiscard]] bool expects_continue(const http::Forward& order);

// The head of the request to upstream. Authorization goes only to upstream's own origin.
[[nodiscard]] std::string request_head(const http::Forward& order, const PolicyConfig& config,
                                       const Address& to);

// Upstream's headers without hop-by-hop fields, its caches' and quota's traces, cookies and Xet.
// `own_base`: how the client knows this mirror, for Link rel="next".
[[nodiscard]] http::Headers response_headers(const http::Headers& from, std::string_view own_base,
                                             bool keep_xet);

// For a body that is not upstream's any more: the ETag of the Hub's API becomes the one that the
// Hub would compute for these bytes; any other and the digests, which nobody can renew, are left
// out.
void body_changed(http::Headers& headers, std::string_view body);

// What a redirect of /resolve/ says about the file and its target does not (hub-api 1.5).
struct FileHints {
    std::string commit, etag, size;
};
void take_hints(FileHints& hints, const http::Headers& redirect);
void apply_hints(const FileHints& hints, http::Headers& headers);
// Conditions name the Hub's ETag, which a content host does not know.
void adapt_conditions(const FileHints& hints, http::Headers& request);

}  // namespace httpd::proxy
