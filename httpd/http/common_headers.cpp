// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/common_headers.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include "httpd/http/date.h"

namespace httpd::http {

namespace {

// Echoed back when a preflight asks for them, so that a new client header never breaks a browser;
// these are allowed in any case, because "*" does not cover Authorization.
constexpr std::string_view kAllowedHeaders =
    "Authorization, Range, If-Range, If-None-Match, If-Match, If-Modified-Since, Content-Type, "
    "Accept, User-Agent, X-HF-Download-Counter";
constexpr std::size_t kRequestedHeadersMax = 1024;  // bytes echoed

std::string allowed_headers(const Request& request) {
    std::string allowed(kAllowedHeaders);
    const std::string asked = request.headers.joined("Access-Control-Request-Headers");
    if (asked.size() > kRequestedHeadersMax) {
        return allowed;
    }
    for (const std::string_view name : list_members(asked)) {
        if (is_token(name)) {
            allowed += ", ";
            allowed += name;
        }
    }
    return allowed;
}

}  // namespace

std::string cache_name(std::string_view node) {
    if (node.empty()) {
        return "hf-mirror";
    }
    const char first = node.front();
    const bool alpha = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
    if (alpha && is_token(node)) {
        return std::string(node);
    }
    std::string quoted = "\"";
    for (const char c : node) {
        if (c == '"' || c == '\\') {
            quoted += '\\';
        }
        quoted += c >= 0x20 && c < 0x7f ? c : '?';
    }
    return quoted + '"';
}

void add_common_headers(Response& response, std::string_view node, hubfs::Instant now) {
    Headers& headers = response.headers;
    headers.set("Date", http_date(now));
    headers.set("Server", "hf-mirror");
    headers.set("X-Cache", name_of(response.cache.result));
    headers.set("Cache-Status", std::string(node) + "; " + response.cache.status);
    if (response.cache.result == CacheResult::hit && response.cache.since) {
        const auto age = std::chrono::duration_cast<std::chrono::seconds>(
            now - *response.cache.since);  // RFC 9111 section 5.1
        headers.set("Age", std::to_string(std::max<std::int64_t>(age.count(), 0)));
    }
    if (!response.cache.proxy.empty()) {
        headers.set("Proxy-Status", std::string(node) + "; " + response.cache.proxy);
    }
    headers.set("Access-Control-Allow-Origin", "*");
    headers.set("Access-Control-Expose-Headers", kExposedHeaders);
    if (!headers.has("X-Content-Type-Options")) {
        headers.add("X-Content-Type-Options", "nosniff");
    }
}

Response preflight(const Request& request, std::string_view allowed_methods) {
    Response response;
    response.status = 204;
    response.headers.add("Allow", allowed_methods);
    response.headers.add("Access-Control-Allow-Methods", allowed_methods);
    response.headers.add("Access-Control-Allow-Headers", allowed_headers(request));
    response.headers.add("Access-Control-Max-Age", "86400");
    return response;
}

}  // namespace httpd::http
