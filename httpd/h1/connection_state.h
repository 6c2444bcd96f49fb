// SPDX-License-Identifier: Apache-2.0
// The connection's class, for the files of h1 that implement it: connection.cpp has its story,
// connection_io.cpp how bytes are read and written. Lives on one event loop's thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "httpd/h1/codec.h"
#include "httpd/h1/connection.h"
#include "httpd/h1/framing.h"
#include "httpd/h1/raw_head.h"

namespace httpd::h1 {

inline constexpr auto kTuple = boost::asio::as_tuple(boost::asio::use_awaitable);
inline constexpr std::size_t kReadBytes = 16 * 1024;

class Connection final : public net::Stoppable, public std::enable_shared_from_this<Connection> {
public:
    Connection(boost::asio::ip::tcp::socket socket, net::EventLoop& loop, const Shared& shared)
        : socket_(std::move(socket)),
          watchdog_(socket_.get_executor()),
          loop_(loop),
          shared_(shared) {
        loop_.add(*this);
    }
    ~Connection() override { loop_.remove(*this); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // On the loop's thread, once.
    void start();
    void stop() override;
    void abort() override;

    // The body of the request being handled; see Body in connection.cpp.
    boost::asio::awaitable<hubfs::Result<std::string>> read_body();
    [[nodiscard]] boost::asio::any_io_executor executor() { return socket_.get_executor(); }

private:
    void listen();
    void readable(boost::system::error_code error);
    std::size_t answer_hot(std::string_view received);
    void end();
    static boost::asio::awaitable<void> serve(std::shared_ptr<Connection> self);
    boost::asio::awaitable<bool> finish_hot();
    boost::asio::awaitable<std::optional<std::size_t>> read_head(HeadVerdict& verdict);
    boost::asio::awaitable<bool> exchange(std::size_t head_bytes);
    boost::asio::awaitable<void> refuse(HeadVerdict verdict);
    boost::asio::awaitable<bool> send(const http::Request& request, http::Response response,
                                      hot::Kept* keep = nullptr);
    boost::asio::awaitable<bool> send_source(http::BodySource& source, const Framing& framing,
                                             std::string& head);
    boost::asio::awaitable<bool> write(std::string_view a, std::string_view b = {},
                                       std::string_view c = {});
    boost::asio::awaitable<boost::system::error_code> read_some();
    boost::asio::awaitable<void> close_body();
    boost::asio::awaitable<void> linger();
    bool send_head_now(std::string& head);
    [[nodiscard]] http::LogEntry log_entry(const http::Request& request, int status,
                                           http::CacheResult cache) const;

    void set_deadline(std::chrono::milliseconds in);
    void clear_deadline() { deadline_.reset(); }
    void arm();

    boost::asio::ip::tcp::socket socket_;
    boost::asio::steady_timer watchdog_;
    net::EventLoop& loop_;
    const Shared& shared_;
    std::string client_;
    std::string in_;  // received, not yet used
    HeadFinder finder_;
    RequestDecoder decoder_;
    bool expects_continue_ = false;
    bool idle_ = false;
    bool stopping_ = false;
    bool body_closed_ = true;
    bool reading_body_ = false;                   // read_body() waits for the socket
    std::uint64_t sent_ = 0;                      // body bytes of the current response
    std::shared_ptr<const hot::Kept> half_sent_;  // a hot answer that the socket did not take
    std::size_t hot_sent_ = 0;                    // so many bytes of it are
    hubfs::Instant hot_started_{};
    std::optional<hubfs::Steady> deadline_;
    std::optional<hubfs::Steady> armed_;
};

}  // namespace httpd::h1
