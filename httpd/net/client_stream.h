// SPDX-License-Identifier: Apache-2.0
// A connection to another server, plain or TLS, as coroutines with a deadline on each step. Lives
// on one event loop; used by one coroutine at a time, or by one that reads and one that writes.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fs/base/result.h"
#include "httpd/net/tls.h"

namespace httpd::net {

struct ServerAddress {
    bool secure = false;
    std::string host;  // an IPv6 address without brackets
    std::uint16_t port = 0;
};

// A proxy in between: secure servers are reached by CONNECT (RFC 9110 section 9.3.6), others by
// asking the proxy itself.
struct ViaProxy {
    std::string host;
    std::uint16_t port = 0;
    std::string authorization;  // of Proxy-Authorization, or empty
};

// How far a stream came: says what a failure was about (RFC 9209 section 2.3).
enum class Stage : std::uint8_t { name, connect, tunnel, tls, open };

class ClientStream {
public:
    ClientStream(boost::asio::any_io_executor executor, std::chrono::milliseconds deadline);
    ~ClientStream();
    ClientStream(const ClientStream&) = delete;
    ClientStream& operator=(const ClientStream&) = delete;

    // unreachable: no name, refused; protocol: TLS; timed_out: the deadline passed.
    boost::asio::awaitable<hubfs::Status> connect(ServerAddress address, TlsClient& tls,
                                                  std::optional<ViaProxy> proxy = std::nullopt);
    // All of it.
    boost::asio::awaitable<hubfs::Status> write(std::string_view bytes);
    // Appends what arrives next to `to`; 0: the other side ended.
    boost::asio::awaitable<hubfs::Result<std::size_t>> read_some(std::string& to);
    // While true, a read waits for as long as it takes: the other side may be waiting for us.
    void sending(bool on);
    // Nothing more is written: a write fails, and one under way is left alone until close().
    void only_read() {
        only_read_ = true;
        sending(false);
    }
    // On the stream's executor; a step under way ends with an error.
    void close();
    [[nodiscard]] boost::asio::any_io_executor executor() const { return executor_; }
    [[nodiscard]] Stage stage() const { return stage_; }
    // Whether the other side ended the connection, or it broke.
    [[nodiscard]] bool ended() const { return ended_; }

private:
    struct Watch;  // a deadline for one step
    hubfs::Error error_of(const boost::system::error_code& error, hubfs::Code otherwise) const;
    [[nodiscard]] boost::asio::ip::tcp::socket& socket();
    boost::asio::awaitable<hubfs::Status> reach(std::string host, std::uint16_t port);
    boost::asio::awaitable<hubfs::Status> tunnel(std::string authority, std::string authorization);

    boost::asio::any_io_executor executor_;
    const std::chrono::milliseconds deadline_;
    boost::asio::steady_timer timer_;        // of reads, and of steps before them
    boost::asio::steady_timer write_timer_;  // of writes
    bool sending_ = false;
    std::chrono::steady_clock::time_point sent_at_{};  // when sending ended
    bool only_read_ = false;
    bool timed_out_ = false;
    Stage stage_ = Stage::name;
    bool ended_ = false;
    boost::asio::ip::tcp::resolver resolver_;
    boost::asio::ip::tcp::socket plain_;
    std::unique_ptr<TlsStream> tls_;
};

}  // namespace httpd::net
