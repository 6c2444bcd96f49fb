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
constexpr std::size_t kTunnelHeadMax = 32 * 1024;  // of a proxy's answer to CONNECT

}  // namespace

// Ends the step by closing the socket when the time is up. The stream outlives it: both live in the
// coroutine that uses the stream, on one thread.
struct ClientStream::Watch {
    Watch(ClientStream& watched, asio::steady_timer& used) : stream(watched), timer(used) {
        arm(std::chrono::steady_clock::now() + stream.deadline_);
    }
    explicit Watch(ClientStream& watched) : Watch(watched, watched.timer_) {}
    ~Watch() { timer.cancel(); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    void arm(std::chrono::steady_clock::time_point at) {
        timer.expires_at(at);
        timer.async_wait([this, alive = std::weak_ptr<int>(token)](error_code aborted) {
            if (!aborted && alive.lock()) {
                expired();
            }
        });
    }
    void expired() {
        const auto now = std::chrono::steady_clock::now();
        if (&timer == &stream.write_timer_) {
            if (stream.only_read_) {
                return;  // the answer is being read
            }
        } else if (stream.sending_) {
            arm(now + stream.deadline_);
            return;
        } else if (now < stream.sent_at_ + stream.deadline_) {
            arm(stream.sent_at_ + stream.deadline_);
            return;
        }
        stream.timed_out_ = true;
        stream.close();
    }

    ClientStream& stream;
    asio::steady_timer& timer;
    std::shared_ptr<int> token = std::make_shared<int>();
};

ClientStream::ClientStream(asio::any_io_executor executor, std::chrono::milliseconds deadline)
    : executor_(executor),
      deadline_(deadline),
      timer_(executor),
      write_timer_(executor),
      resolver_(executor),
      plain_(executor) {}

ClientStream::~ClientStream() = default;

tcp::socket& ClientStream::socket() {
    return tls_ ? tls_->next_layer() : plain_;
}

void ClientStream::sending(bool on) {
    sending_ = on;
    sent_at_ = std::chrono::steady_clock::now();
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

awaitable<hubfs::Status> ClientStream::reach(std::string host, std::uint16_t port) {
    const Watch watch(*this);
    const auto [no_name, endpoints] =
        co_await resolver_.async_resolve(host, std::to_string(port), kTuple);
    if (no_name) {
        co_return std::unexpected(error_of(no_name, Code::unreachable));
    }
    stage_ = Stage::connect;
    const auto [error, endpoint] = co_await asio::async_connect(plain_, endpoints, kTuple);
    if (error) {
        co_return std::unexpected(error_of(error, Code::unreachable));
    }
    error_code ignored;
    plain_.set_option(tcp::no_delay(true), ignored);
    co_return hubfs::Status{};
}

// Nothing may follow the proxy's head: the server behind it speaks only when it was spoken to.
awaitable<hubfs::Status> ClientStream::tunnel(std::string authority, std::string authorization) {
    stage_ = Stage::tunnel;
    std::string head = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n";
    if (!authorization.empty()) {
        head += "Proxy-Authorization: " + authorization + "\r\n";
    }
    head += "\r\n";
    const auto sent = co_await write(head);
    if (!sent) {
        co_return sent;
    }
    std::string answer;
    while (answer.find("\r\n\r\n") == std::string::npos) {
        const auto got = co_await read_some(answer);
        if (!got) {
            co_return std::unexpected(got.error());
        }
        if (*got == 0 || answer.size() > kTunnelHeadMax) {
            co_return hubfs::fail(Code::unreachable, "the proxy did not answer");
        }
    }
    const bool open = answer.starts_with("HTTP/1.1 2") || answer.starts_with("HTTP/1.0 2");
    if (!open || !answer.ends_with("\r\n\r\n")) {
        co_return hubfs::fail(Code::unreachable, "the proxy refused");
    }
    co_return hubfs::Status{};
}

awaitable<hubfs::Status> ClientStream::connect(ServerAddress address, TlsClient& tls,
                                               std::optional<ViaProxy> proxy) {
    const auto reached =
        co_await reach(proxy ? proxy->host : address.host, proxy ? proxy->port : address.port);
    if (!reached) {
        co_return reached;
    }
    if (proxy && address.secure) {
        const bool v6 = address.host.find(':') != std::string::npos;
        std::string authority = v6 ? "[" + address.host + "]" : address.host;
        authority += ":" + std::to_string(address.port);
        const auto opened = co_await tunnel(std::move(authority), std::move(proxy->authorization));
        if (!opened) {
            co_return opened;
        }
    }
    if (address.secure) {
        stage_ = Stage::tls;
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
    stage_ = Stage::open;
    co_return hubfs::Status{};
}

awaitable<hubfs::Status> ClientStream::write(std::string_view bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        if (only_read_) {
            co_return hubfs::fail(Code::cancelled, "the answer came first");
        }
        const Watch watch(*this, write_timer_);
        const auto rest = asio::buffer(bytes.data() + done, bytes.size() - done);
        error_code error;
        std::size_t n = 0;
        if (tls_) {
            std::tie(error, n) = co_await tls_->async_write_some(rest, kTuple);
        } else {
            std::tie(error, n) = co_await plain_.async_write_some(rest, kTuple);
        }
        if (error) {
            ended_ = true;
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
    ended_ = ended_ || error;
    // A TLS end without its farewell counts as an end: framing says whether it was too early.
    if (error && error != asio::error::eof && error != asio::ssl::error::stream_truncated) {
        co_return std::unexpected(error_of(error, Code::protocol));
    }
    co_return n;
}

}  // namespace httpd::net
