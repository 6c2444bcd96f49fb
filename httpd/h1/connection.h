// SPDX-License-Identifier: Apache-2.0
// One HTTP/1.1 connection: reads heads, hands requests to the handler one after another (pipelined
// ones wait), sends the answers. Requests whose answer is in memory (httpd/hot) are answered where
// they are read, before any parser; all others by a coroutine that ends when the connection is idle
// again, so that an idle connection owns neither a buffer nor a coroutine. Knows no route and no
// mount. Lives on one event loop; keeps itself alive until it ends. Every wait has a deadline.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "fs/base/clock.h"
#include "httpd/hot/answer_cache.h"
#include "httpd/http/response.h"
#include "httpd/net/event_loop.h"

namespace httpd::h1 {

struct Timeouts {
    std::chrono::milliseconds idle{std::chrono::seconds(75)};  // between requests
    std::chrono::milliseconds head{std::chrono::seconds(20)};  // first byte to end of head
    std::chrono::milliseconds body{std::chrono::seconds(60)};  // between pieces of a request body
    std::chrono::milliseconds send{std::chrono::seconds(60)};  // without a byte taken by the client
    std::chrono::milliseconds linger{
        std::chrono::seconds(2)};  // for the client to read our refusal
};

// What all connections of one loop share; outlives them.
struct Shared {
    http::Handler& handler;
    http::Journal& journal;
    const hubfs::Clock& clock;
    std::string node;       // for Cache-Status: http::cache_name()
    hot::AnswerCache& hot;  // this loop's
    Timeouts timeouts{};
};

// On the loop's thread.
void start_connection(boost::asio::ip::tcp::socket socket, net::EventLoop& loop,
                      const Shared& shared);

}  // namespace httpd::h1
