// SPDX-License-Identifier: Apache-2.0
#include "httpd/net/client_stream.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace httpd::net {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;
using boost::system::error_code;
using hubfs::Code;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadBytes = 64 * 1024;

}  // namespace

// Ends the step by closing the socket when the time is up. The stream outlives it: both live in the
// coroutine that uses the stream, on one thread.
struct ClientStream::Watch {
    explicit Watch(ClientStream& watched) : stream(watched) {
        stream.timer_.expires_after(stream.deadline_);
        stream.timer_.async_wait([this, alive = std::weak_ptr<int>(token)](error_code aborted) {
            if (!aborted && alive.lock()) {
                stream.timed_out_ = true;
                stream.close();
            }
        });
    }
    ~Watch() { stream.timer_.cancel(); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    ClientStream& stream;
    std::shared_ptr<int> token = std::make_shared<int>();
};

ClientStream::ClientStream(asio::any_io_executor executor, std::chrono::milliseconds deadline)
    : executor_(executor),
      deadline_(deadline),
      timer_(executor),
      resolver_(executor),
      plain_(executor) {}

ClientStream::~ClientStream() = default;

tcp::socket& ClientStream::socket() {
    return tls_ ? tls_->next_layer() : plain_;
}

void ClientStream::close() {
    error_code ignored;
    resolver_.cancel();
    socket().close(ignored);
}

hubfs::Error ClientStream::error_of(const error_code& error, Code otherwise) const {
    if (timed_out_) {
        return {Code::timed_out, "deadline passed"};
    }
    return {otherwise, error.message()};
}

awaitable<hubfs::Status> ClientStream::connect(ServerAddress address, TlsClient& tls) {
    {
        const Watch watch(*this);
        const std::string port = std::to_string(address.port);
        const auto [no_name, endpoints] =
            co_await resolver_.async_resolve(address.host, port, kTuple);
        if (no_name) {
            co_return std::unexpected(error_of(no_name, Code::unreachable));
        }
        const auto [error, endpoint] = co_await asio::async_connect(plain_, endpoints, kTuple);
        if (error) {
            co_return std::unexpected(error_of(error, Code::unreachable));
        }
        error_code ignored;
        plain_.set_option(tcp::no_delay(true), ignored);
    }
    if (address.secure) {
        auto stream = tls.stream(std::move(plain_), address.host);
        if (!stream) {
            co_return std::unexpected(stream.error());
        }
        tls_ = std::move(*stream);
        const Watch watch(*this);
        const auto [error] = co_await tls_->async_handshake(TlsStream::client, kTuple);
        if (error) {
            co_return std::unexpected(error_of(error, Code::protocol));
        }
    }
    co_return hubfs::Status{};
}

awaitable<hubfs::Status> ClientStream::write(std::string_view bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const Watch watch(*this);
        const auto rest = asio::buffer(bytes.data() + done, bytes.size() - done);
        error_code error;
        std::size_t n = 0;
        if (tls_) {
            std::tie(error, n) = co_await tls_->async_write_some(rest, kTuple);
        } else {
            std::tie(error, n) = co_await plain_.async_write_some(rest, kTuple);
        }
        if (error) {
            co_return std::unexpected(error_of(error, Code::protocol));
        }
        done += n;
    }
    co_return hubfs::Status{};
}

awaitable<hubfs::Result<std::size_t>> ClientStream::read_some(std::string& to) {
    const std::size_t have = to.size();
    to.resize(have + kReadBytes);
    const Watch watch(*this);
    const auto space = asio::buffer(to.data() + have, kReadBytes);
    error_code error;
    std::size_t n = 0;
    if (tls_) {
        std::tie(error, n) = co_await tls_->async_read_some(space, kTuple);
    } else {
        std::tie(error, n) = co_await plain_.async_read_some(space, kTuple);
    }
    to.resize(have + n);
    // A TLS end without its farewell counts as an end: framing says whether it was too early.
    if (error && error != asio::error::eof && error != asio::ssl::error::stream_truncated) {
        co_return std::unexpected(error_of(error, Code::protocol));
    }
    co_return n;
}

}  // namespace httpd::net
