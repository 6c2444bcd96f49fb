// SPDX-License-Identifier: Apache-2.0
// A listening TCP socket that deals accepted connections out to the event loops in turn.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "fs/base/address.h"
#include "fs/base/result.h"
#include "httpd/net/event_loop.h"

namespace httpd::net {

// Called on the loop that the connection is to live on.
using Accepted = std::function<void(boost::asio::ip::tcp::socket, EventLoop&)>;

class Listener {
public:
    // Listens when this returns. `loops` and what `accepted` uses outlive the listener. Code::io
    // with the address and the system's reason when it cannot.
    static hubfs::Result<std::unique_ptr<Listener>> open(
        const hubfs::ListenAddress& address, std::span<const std::unique_ptr<EventLoop>> loops,
        Accepted accepted);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    // No connection is accepted any more when this returns. Thread-safe, idempotent.
    void close();

private:
    struct State;
    explicit Listener(std::shared_ptr<State> state) : state_(std::move(state)) {}
    std::shared_ptr<State> state_;
};

}  // namespace httpd::net
