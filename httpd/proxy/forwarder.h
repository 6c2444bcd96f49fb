// SPDX-License-Identifier: Apache-2.0
// The pass-through: a connection of its own to upstream for each request, streamed both ways,
// nothing stored, nothing shared between requests. Thread-safe; runs on the event loops.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "fs/base/clock.h"
#include "httpd/http/forwarder.h"
#include "httpd/net/event_loop.h"
#include "httpd/net/tls.h"
#include "httpd/proxy/policy.h"

namespace httpd::proxy {

struct ForwarderConfig {
    PolicyConfig policy;
    std::chrono::milliseconds deadline{std::chrono::seconds(30)};  // of each step
    bool offline = false;                                          // upstream is never asked
    std::string public_url{};  // of links; empty: as the client named us
};

class Forwarder final : public http::Forwarder {
public:
    // `loops` and `tls` outlive it.
    Forwarder(ForwarderConfig config, std::span<const std::unique_ptr<net::EventLoop>> loops,
              net::TlsClient& tls);

    void forward(http::Forward order, http::Reply reply) override;

private:
    const ForwarderConfig config_;
    const std::span<const std::unique_ptr<net::EventLoop>> loops_;
    net::TlsClient& tls_;
    std::atomic<std::size_t> turn_{0};
};

}  // namespace httpd::proxy
