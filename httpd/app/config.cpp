// SPDX-License-Identifier: Apache-2.0
#include "httpd/app/config.h"

#include "fs/base/hub_types.h"
#include "httpd/http/common_headers.h"

#include <array>
#include <cstdint>
#include <random>

namespace httpd::app {

namespace {

using hubfs::Code;
using hubfs::fail;

std::vector<hubfs::HostPattern> patterns(const std::vector<std::string>& texts) {
    std::vector<hubfs::HostPattern> all;
    for (const std::string& text : texts) {
        if (auto pattern = hubfs::parse_host_pattern(text)) {
            all.push_back(std::move(*pattern));
        }
    }
    return all;
}

// hubfs' own waits end this much earlier than ours for it (its limit is the deadline and 5 s).
constexpr std::chrono::seconds kMountGrace{10};

// Different in each process, and says nothing about the machine.
std::string loop_name() {
    std::random_device random;
    std::array<std::uint8_t, 8> bytes{};
    for (std::uint8_t& byte : bytes) {
        byte = static_cast<std::uint8_t>(random());
    }
    return "hf-mirror-" + hubfs::to_hex(bytes.data(), bytes.size());
}

hubfs::Result<proxy::Address> upstream(const std::string& text) {
    const auto url = hubfs::parse_plain_url(text);
    if (!url) {
        return fail(Code::invalid, "upstream.url: wants https://HOST[:PORT]");
    }
    proxy::Address address{url->secure, url->host, url->port.value_or(url->secure ? 443 : 80),
                           url->path};
    while (address.target.ends_with('/')) {
        address.target.pop_back();
    }
    return address;
}

}  // namespace

hubfs::Result<Config> config_from(const hubfs::Options& options) {
    Config config;
    config.node = http::cache_name(options.text("node.name"));
    config.mount_path = options.text("mount.path");
    for (const std::string& text : options.list("http.listen")) {
        const auto address = hubfs::parse_listen_address(text);
        if (!address) {
            return fail(Code::invalid, "http.listen: wants ADDR:PORT, this is \"" + text + "\"");
        }
        config.listen.push_back(*address);
    }
    if (config.listen.empty()) {
        return fail(Code::invalid, "http.listen: hub-httpd has nothing to listen on");
    }
    config.site.public_url = options.text("http.public_url");
    config.site.passthrough = options.flag("http.passthrough");
    config.site.writes = options.flag("http.writes");
    const auto address = upstream(options.text("upstream.url"));
    if (!address) {
        return std::unexpected(address.error());
    }
    proxy::PolicyConfig& policy = config.forwarder.policy;
    policy.upstream = *address;
    policy.content_hosts = patterns(options.list("upstream.content_hosts"));
    policy.redirect_hosts = patterns(options.list("http.redirect_hosts"));
    policy.allow_http = options.flag("upstream.allow_http");
    config.forwarder.deadline = options.duration("upstream.deadline");
    config.site.absent = options.duration("freshness.absent");
    config.site.state = options.duration("freshness.state");
    config.site.patience = config.forwarder.deadline + kMountGrace;
    config.forwarder.offline = options.flag("upstream.offline");
    config.forwarder.public_url = config.site.public_url;
    while (config.forwarder.public_url.ends_with('/')) {
        config.forwarder.public_url.pop_back();
    }
    config.ca_file = options.text("upstream.ca_file");
    config.upstream_proxy = options.text("upstream.proxy");
    if ((policy.proxy = proxy::parse_proxy(config.upstream_proxy))) {
        config.upstream_proxy.clear();
    }
    policy.loop_name = loop_name();
    config.log_dir = options.text("log.dir");
    config.log_keep = options.duration("log.keep");
    return config;
}

}  // namespace httpd::app
