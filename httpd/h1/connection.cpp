// SPDX-License-Identifier: Apache-2.0
// The story of a connection is serve(): wait, read a head, check it, ask the handler, send the
// answer, again. A watchdog cuts the socket by shutdown(), never by close(): the descriptor may be
// in a pool thread's sendfile and must not be reused under it.
#include "httpd/h1/connection.h"

#include <sys/socket.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <utility>

#include "httpd/h1/codec.h"
#include "httpd/h1/framing.h"
#include "httpd/h1/raw_head.h"
#include "httpd/http/client_address.h"
#include "httpd/http/common_headers.h"
#include "httpd/net/await.h"

namespace httpd::h1 {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadBytes = 16 * 1024;
// What a client may still be sending when we refuse its request; more is not waited for.
constexpr std::size_t kLingerBytesMax = 16 * 1024 * 1024;

std::string truncated(const tcp::endpoint& peer) {
    return peer.address().is_v4() ? http::truncated_v4(peer.address().to_v4().to_bytes())
                                  : http::truncated_v6(peer.address().to_v6().to_bytes());
}

class Connection final : public net::Stoppable, public std::enable_shared_from_this<Connection> {
public:
    Connection(tcp::socket socket, net::EventLoop& loop, const Shared& shared)
        : socket_(std::move(socket)),
          watchdog_(socket_.get_executor()),
          loop_(loop),
          shared_(shared) {
        loop_.add(*this);
    }
    ~Connection() override { loop_.remove(*this); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start() {
        error_code error;
        const tcp::endpoint peer = socket_.remote_endpoint(error);
        if (error) {
            return;
        }
        client_ = truncated(peer);
        socket_.non_blocking(true, error);
        socket_.set_option(tcp::no_delay(true), error);
        asio::co_spawn(socket_.get_executor(), serve(shared_from_this()), asio::detached);
    }

    void stop() override {
        stopping_ = true;
        if (idle_) {
            abort();
        }
    }
    void abort() override {
        error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_both, ignored);
        socket_.cancel(ignored);
    }

    // The body of the request being handled; see Body below.
    awaitable<hubfs::Result<std::string>> read_body();
    [[nodiscard]] asio::any_io_executor executor() { return socket_.get_executor(); }

private:
    static awaitable<void> serve(std::shared_ptr<Connection> self);
    awaitable<bool> wait_for_request();
    awaitable<std::optional<std::size_t>> read_head(HeadVerdict& verdict);
    awaitable<bool> exchange(std::size_t head_bytes);
    awaitable<void> refuse(HeadVerdict verdict);
    awaitable<bool> send(const http::Request& request, http::Response response);
    awaitable<bool> send_source(http::BodySource& source, const Framing& framing,
                                std::string& head);
    awaitable<bool> write(std::string_view a, std::string_view b = {}, std::string_view c = {});
    awaitable<error_code> read_some();
    awaitable<void> linger();
    bool send_head_now(std::string& head);
    void journal(const http::Request& request, int status, http::CacheResult cache);

    void set_deadline(std::chrono::milliseconds in);
    void clear_deadline() { deadline_.reset(); }
    void arm();

    tcp::socket socket_;
    asio::steady_timer watchdog_;
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
    std::uint64_t sent_ = 0;  // body bytes of the current response
    std::optional<hubfs::Steady> deadline_;
    std::optional<hubfs::Steady> armed_;
};

// The request's body for the handler: any thread may ask, the connection's loop reads.
class Body final : public http::BodyReader {
public:
    explicit Body(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
    // The connection must end on its own loop, wherever the last owner of its body was.
    ~Body() override {
        const auto executor = connection_->executor();
        asio::post(executor, [connection = std::move(connection_)] {});
    }
    Body(const Body&) = delete;
    Body& operator=(const Body&) = delete;

    void read(http::Once<hubfs::Result<std::string>> done) override {
        asio::co_spawn(connection_->executor(), piece(connection_, std::move(done)),
                       asio::detached);
    }

private:
    static awaitable<void> piece(std::shared_ptr<Connection> connection,
                                 http::Once<hubfs::Result<std::string>> done) {
        auto result = co_await connection->read_body();
        done(std::move(result));
    }

    std::shared_ptr<Connection> connection_;
};

awaitable<void> Connection::serve(std::shared_ptr<Connection> self) {
    while (!self->stopping_) {
        const bool more = co_await self->wait_for_request();
        if (!more) {
            break;
        }
        HeadVerdict verdict;
        const auto head_bytes = co_await self->read_head(verdict);
        if (!verdict.ok()) {
            co_await self->refuse(verdict);
            break;
        }
        if (!head_bytes) {
            break;
        }
        const bool again = co_await self->exchange(*head_bytes);
        if (!again) {
            break;
        }
    }
    self->watchdog_.cancel();
    self->deadline_.reset();
    error_code ignored;
    self->socket_.shutdown(tcp::socket::shutdown_send, ignored);
    self->socket_.close(ignored);
}

// True when the first byte of a request is there. An idle connection owns no buffer.
awaitable<bool> Connection::wait_for_request() {
    if (!in_.empty()) {
        co_return true;
    }
    in_ = std::string();
    idle_ = true;
    set_deadline(shared_.timeouts.idle);
    const auto [error] = co_await socket_.async_wait(tcp::socket::wait_read, kTuple);
    idle_ = false;
    if (error || stopping_) {
        co_return false;
    }
    const error_code read_error = co_await read_some();
    co_return !read_error;
}

awaitable<std::optional<std::size_t>> Connection::read_head(HeadVerdict& verdict) {
    finder_.reset();
    set_deadline(shared_.timeouts.head);
    while (true) {
        if (const std::size_t empty = leading_empty_lines(in_); empty > 0) {
            in_.erase(0, empty);
            finder_.reset();
        }
        const auto end = finder_.find(in_, verdict);
        if (!verdict.ok()) {
            co_return std::nullopt;
        }
        if (end) {
            clear_deadline();
            verdict = check_head(std::string_view(in_).substr(0, *end));
            co_return end;
        }
        const error_code error = co_await read_some();
        if (error) {
            co_return std::nullopt;  // gone, or too slow: nobody is listening for an answer
        }
    }
}

// One request and its answer; true when the connection can carry another.
awaitable<bool> Connection::exchange(std::size_t head_bytes) {
    const hubfs::Instant started = shared_.clock.now();
    decoder_ = RequestDecoder();
    auto parsed = decoder_.head(std::string_view(in_).substr(0, head_bytes));
    in_.erase(0, head_bytes);
    if (!parsed) {
        const HeadVerdict verdict{400, "malformed request"};
        co_await refuse(verdict);
        co_return false;
    }
    http::Request request = std::move(*parsed);
    request.client = client_;
    request.started = started;
    const bool has_body = !decoder_.done();
    expects_continue_ = has_body && http::iequals(request.headers.get("Expect"), "100-continue");
    body_closed_ = !has_body;
    if (has_body) {
        request.body = std::make_shared<Body>(shared_from_this());
    }

    http::Request asked = request;  // the handler keeps its own; this one frames and logs
    asked.body.reset();
    auto ask = [this, request = std::move(request)](http::Reply reply) mutable {
        shared_.handler.handle(std::move(request), std::move(reply));
    };
    http::Response response = co_await net::await_once<http::Response>(
        executor(), http::plain(500, "Internal error\n"), std::move(ask));

    body_closed_ = true;
    const bool unread = !decoder_.done();
    response.close = response.close || unread || stopping_ || !decoder_.keep_alive();
    const int status = response.status;
    const http::CacheResult cache = response.cache.result;
    const bool closing = response.close || asked.minor_version == 0;
    const bool sent = co_await send(asked, std::move(response));
    journal(asked, status, cache);
    if (sent && unread) {
        co_await linger();
    }
    co_return sent && !closing;
}

awaitable<void> Connection::refuse(HeadVerdict verdict) {
    const hubfs::Instant started = shared_.clock.now();
    http::Request request;
    request.method = http::Method::other;
    request.method_text = "-";
    request.path = "-";  // what was sent is not to be trusted, not even in a log
    request.client = client_;
    request.started = started;
    http::Response response = http::plain(verdict.status, std::string(verdict.reason) + "\n");
    response.close = true;
    if (verdict.status == 405) {
        response.headers.add("Allow", "GET, HEAD, OPTIONS");
    }
    const bool sent = co_await send(request, std::move(response));
    journal(request, verdict.status, http::CacheResult::miss);
    if (sent) {
        co_await linger();
    }
}

awaitable<bool> Connection::send(const http::Request& request, http::Response response) {
    http::add_common_headers(response, shared_.node, shared_.clock.now());
    const Framing framing = frame(request, response, stopping_);
    std::string head = encode_head(response, framing);
    sent_ = 0;
    if (framing.body == Framing::Body::none) {
        co_return co_await write(head);
    }
    if (response.source != nullptr) {
        co_return co_await send_source(*response.source, framing, head);
    }
    const bool sent = co_await write(head, response.text);
    sent_ = sent ? response.text.size() : 0;
    co_return sent;
}

// Puts the head into the socket buffer without a packet of its own (MSG_MORE): sendfile follows.
bool Connection::send_head_now(std::string& head) {
    if (head.empty()) {
        return true;
    }
    const ssize_t n = ::send(socket_.native_handle(), head.data(), head.size(),
                             MSG_MORE | MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0) {
        head.erase(0, static_cast<std::size_t>(n));
    }
    return head.empty();
}

awaitable<bool> Connection::send_source(http::BodySource& source, const Framing& framing,
                                        std::string& head) {
    const bool chunked = framing.body == Framing::Body::chunked;
    const bool sized = framing.body == Framing::Body::sized;
    const bool direct = sized && send_head_now(head);  // the source may write by itself
    while (true) {
        clear_deadline();  // the source has its own
        auto ask = [&source, fd = direct ? socket_.native_handle() : -1](
                       http::Once<http::Piece> done) mutable { source.next(fd, std::move(done)); };
        http::Piece dropped;  // a name of its own: GCC 12 spoils aggregates made in a co_await
        dropped.kind = http::Piece::Kind::failed;
        http::Piece piece =
            co_await net::await_once<http::Piece>(executor(), std::move(dropped), std::move(ask));
        bool good = true;
        switch (piece.kind) {
            case http::Piece::Kind::end: {
                const std::string_view tail = chunked ? kLastChunk : std::string_view();
                good = !sized || sent_ == framing.length;
                if (good) {
                    co_return co_await write(head, tail);
                }
                break;
            }
            case http::Piece::Kind::bytes: {
                sent_ += piece.bytes.size();
                const std::string before =
                    chunked ? head + chunk_head(piece.bytes.size()) : std::move(head);
                head.clear();
                good = !sized || sent_ <= framing.length;
                if (good) {
                    good = co_await write(before, piece.bytes, chunked ? "\r\n" : "");
                }
                break;
            }
            case http::Piece::Kind::sent: sent_ += piece.sent; break;
            case http::Piece::Kind::blocked: {
                sent_ += piece.sent;
                set_deadline(shared_.timeouts.send);
                const auto [error] = co_await socket_.async_wait(tcp::socket::wait_write, kTuple);
                good = !error;
                break;
            }
            case http::Piece::Kind::failed: good = false; break;
        }
        if (!good) {
            // Cut with a reset: a plain end could be taken for the end of the body.
            error_code ignored;
            socket_.set_option(asio::socket_base::linger(true, 0), ignored);
            socket_.close(ignored);
            co_return false;
        }
    }
}

// Writes all of it; the deadline counts from the last byte the client took.
awaitable<bool> Connection::write(std::string_view a, std::string_view b, std::string_view c) {
    std::array<asio::const_buffer, 3> buffers;
    buffers[0] = asio::buffer(a);
    buffers[1] = asio::buffer(b);
    buffers[2] = asio::buffer(c);
    while (asio::buffer_size(buffers) > 0) {
        set_deadline(shared_.timeouts.send);
        const auto [error, n] = co_await socket_.async_write_some(buffers, kTuple);
        if (error) {
            co_return false;
        }
        std::size_t left = n;
        for (asio::const_buffer& buffer : buffers) {
            const std::size_t step = std::min(left, buffer.size());
            buffer += step;
            left -= step;
        }
    }
    clear_deadline();
    co_return true;
}

awaitable<error_code> Connection::read_some() {
    const std::size_t have = in_.size();
    in_.resize(have + kReadBytes);
    const auto [error, n] =
        co_await socket_.async_read_some(asio::buffer(in_.data() + have, kReadBytes), kTuple);
    in_.resize(have + n);
    co_return error;
}

awaitable<hubfs::Result<std::string>> Connection::read_body() {
    std::string out;
    while (true) {
        if (body_closed_) {
            co_return hubfs::fail(hubfs::Code::cancelled, "the request was answered");
        }
        if (!in_.empty() && !decoder_.done()) {
            const auto used = decoder_.body(in_, out);
            if (!used) {
                co_return std::unexpected(used.error());
            }
            in_.erase(0, *used);
        }
        if (!out.empty() || decoder_.done()) {
            co_return out;
        }
        if (in_.size() > kHeadBytesMax) {
            co_return hubfs::fail(hubfs::Code::protocol, "chunk head too long");
        }
        if (std::exchange(expects_continue_, false)) {
            static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
            const bool sent = co_await write(kContinue);
            if (!sent) {
                co_return hubfs::fail(hubfs::Code::cancelled, "the client is gone");
            }
        }
        set_deadline(shared_.timeouts.body);
        const error_code error = co_await read_some();
        clear_deadline();
        if (error) {
            co_return hubfs::fail(hubfs::Code::cancelled, "the client is gone");
        }
    }
}

// Reads what the client still sends for a moment, so that our answer is not lost to a reset.
awaitable<void> Connection::linger() {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    set_deadline(shared_.timeouts.linger);
    std::size_t total = 0;
    while (total < kLingerBytesMax) {
        in_.clear();
        const error_code error = co_await read_some();
        if (error) {
            break;
        }
        total += in_.size();
    }
    clear_deadline();
}

void Connection::journal(const http::Request& request, int status, http::CacheResult cache) {
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(shared_.clock.now() -
                                                                            request.started);
    shared_.journal.record(http::LogEntry{
        .at = request.started,
        .method = request.method_text,
        .client = request.client,
        .user_agent = std::string(request.headers.get("User-Agent")),
        .path = request.path,
        .status = status,
        .bytes = sent_,
        .cache = cache,
        .milliseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0))});
}

void Connection::set_deadline(std::chrono::milliseconds in) {
    deadline_ = std::chrono::steady_clock::now() + in;
    if (!armed_ || *deadline_ < *armed_) {
        arm();
    }
}

// The timer is not moved for every wait: when it fires early it looks at the deadline again.
void Connection::arm() {
    armed_ = deadline_;
    watchdog_.expires_at(*deadline_);
    watchdog_.async_wait([weak = weak_from_this()](error_code aborted) {
        const auto self = weak.lock();
        if (aborted || !self) {
            return;
        }
        self->armed_.reset();
        if (!self->deadline_) {
            return;
        }
        if (std::chrono::steady_clock::now() >= *self->deadline_) {
            self->abort();
        } else {
            self->arm();
        }
    });
}

}  // namespace

void start_connection(tcp::socket socket, net::EventLoop& loop, const Shared& shared) {
    std::make_shared<Connection>(std::move(socket), loop, shared)->start();
}

}  // namespace httpd::h1
