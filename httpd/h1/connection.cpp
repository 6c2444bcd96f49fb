// SPDX-License-Identifier: Apache-2.0
// The story of a connection: listen() waits for bytes; readable() answers hot requests at once, and
// for others begins serve(): read a head, check it, ask the handler, send the answer, until nothing
// more was received; then listen() again. A watchdog cuts the socket by shutdown(), never by
// close(): the descriptor may be in a pool thread's sendfile and must not be reused under it.
#include "httpd/h1/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

#include "httpd/h1/connection_state.h"
#include "httpd/http/client_address.h"
#include "httpd/net/await.h"

namespace httpd::h1 {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

std::string truncated(const tcp::endpoint& peer) {
    return peer.address().is_v4() ? http::truncated_v4(peer.address().to_v4().to_bytes())
                                  : http::truncated_v6(peer.address().to_v6().to_bytes());
}

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

}  // namespace

void Connection::start() {
    error_code error;
    const tcp::endpoint peer = socket_.remote_endpoint(error);
    if (error) {
        return;
    }
    client_ = truncated(peer);
    socket_.non_blocking(true, error);
    socket_.set_option(tcp::no_delay(true), error);
    listen();
}

void Connection::stop() {
    stopping_ = true;
    if (idle_) {
        abort();
    }
}

void Connection::abort() {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.cancel(ignored);
}

// Idle: no buffer, no coroutine.
void Connection::listen() {
    if (stopping_) {
        end();
        return;
    }
    idle_ = true;
    set_deadline(shared_.timeouts.idle);
    socket_.async_wait(tcp::socket::wait_read,
                       [self = shared_from_this()](error_code error) { self->readable(error); });
}

void Connection::readable(error_code error) {
    idle_ = false;
    if (error || stopping_) {
        end();
        return;
    }
    // Connections of one loop take turns with it; what is left over is copied.
    thread_local std::array<char, kReadBytes> buffer;
    const ssize_t n = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        listen();
        return;
    }
    if (n <= 0) {
        end();
        return;
    }
    const std::string_view received(buffer.data(), static_cast<std::size_t>(n));
    const std::size_t used = answer_hot(received);
    if (used == received.size() && half_sent_ == nullptr) {
        listen();
        return;
    }
    in_ = received.substr(used);
    clear_deadline();
    asio::co_spawn(socket_.get_executor(), serve(shared_from_this()), asio::detached);
}

// Answers requests from memory, as many as stand at the beginning; how many bytes they took. After
// one that the socket did not take as a whole the others wait.
std::size_t Connection::answer_hot(std::string_view received) {
    static constexpr std::string_view kEnd = "\r\n\r\n";
    std::size_t used = 0;
    while (used < received.size() && half_sent_ == nullptr) {
        const std::size_t end = received.find(kEnd, used);
        if (end == std::string_view::npos) {
            break;
        }
        const std::string_view head = received.substr(used, end + kEnd.size() - used);
        auto answer = shared_.hot.find(head);
        if (answer == nullptr) {
            break;
        }
        used += head.size();
        const hubfs::Instant started = shared_.clock.now();
        const ssize_t n = ::send(socket_.native_handle(), answer->bytes.data(),
                                 answer->bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (std::cmp_equal(n, answer->bytes.size())) {
            shared_.journal.append(started, client_, answer->log_tail);
        } else {
            hot_sent_ = n > 0 ? static_cast<std::size_t>(n) : 0;
            hot_started_ = started;
            half_sent_ = std::move(answer);
        }
    }
    return used;
}

void Connection::end() {
    watchdog_.cancel();
    deadline_.reset();
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    socket_.close(ignored);
}

// Requests until nothing of the next one was received.
awaitable<void> Connection::serve(std::shared_ptr<Connection> self) {
    bool good = co_await self->finish_hot();
    while (good && !self->stopping_ && !self->in_.empty()) {
        HeadVerdict verdict;
        const auto head_bytes = co_await self->read_head(verdict);
        if (!verdict.ok()) {
            co_await self->refuse(verdict);
            good = false;
        } else if (!head_bytes) {
            good = false;
        } else {
            good = co_await self->exchange(*head_bytes);
        }
    }
    if (good) {
        self->in_ = std::string();
        self->listen();
    } else {
        self->end();
    }
}

// Sends the rest of a hot answer.
awaitable<bool> Connection::finish_hot() {
    const auto answer = std::exchange(half_sent_, nullptr);
    if (answer == nullptr) {
        co_return true;
    }
    const bool sent = co_await write(std::string_view(answer->bytes).substr(hot_sent_));
    if (sent) {
        shared_.journal.append(hot_started_, client_, answer->log_tail);
    } else {
        http::LogEntry entry = answer->log;
        entry.at = hot_started_;
        entry.client = client_;
        entry.bytes = 0;
        shared_.journal.record(std::move(entry));
    }
    co_return sent;
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
    hot::Kept hot;
    hot.asked = shared_.clock.steady();
    decoder_ = RequestDecoder();
    auto parsed = decoder_.head(std::string_view(in_).substr(0, head_bytes));
    hot.key = in_.substr(0, head_bytes);
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

    co_await close_body();
    const bool unread = !decoder_.done();
    response.close = response.close || unread || stopping_ || !decoder_.keep_alive();
    const int status = response.status;
    const http::CacheResult cache = response.cache.result;
    const bool closing = response.close || asked.minor_version == 0;
    const bool keep = !closing && !has_body && response.keep && response.source == nullptr &&
                      hot::keepable(asked);
    if (keep) {
        hot.keep = *response.keep;
    }
    const bool sent = co_await send(asked, std::move(response), keep ? &hot : nullptr);
    http::LogEntry entry = log_entry(asked, status, cache);
    if (sent && keep) {
        hot.log = entry;
        hot.log.milliseconds = 0;  // it never waits
        hot.log_tail = shared_.journal.tail(hot.log);
        shared_.hot.keep(std::move(hot));
    } else {
        shared_.hot.forget(hot.key);
    }
    shared_.journal.record(std::move(entry));
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
    shared_.journal.record(log_entry(request, verdict.status, http::CacheResult::miss));
    if (sent) {
        co_await linger();
    }
}

http::LogEntry Connection::log_entry(const http::Request& request, int status,
                                     http::CacheResult cache) const {
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(shared_.clock.now() -
                                                                            request.started);
    return http::LogEntry{
        .at = request.started,
        .method = request.method_text,
        .client = request.client,
        .user_agent = std::string(request.headers.get("User-Agent")),
        .path = request.path,
        .status = status,
        .bytes = sent_,
        .cache = cache,
        .milliseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0))};
}

void start_connection(tcp::socket socket, net::EventLoop& loop, const Shared& shared) {
    std::make_shared<Connection>(std::move(socket), loop, shared)->start();
}

}  // namespace httpd::h1
