// SPDX-License-Identifier: Apache-2.0
// How a connection's bytes are read and written, each wait under the watchdog's deadline.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "httpd/h1/connection_state.h"
#include "httpd/http/common_headers.h"
#include "httpd/net/await.h"

namespace httpd::h1 {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// What a client may still be sending when we refuse its request; more is not waited for.
constexpr std::size_t kLingerBytesMax = 16 * 1024 * 1024;

}  // namespace

// `keep` gets the bytes that were sent.
awaitable<bool> Connection::send(const http::Request& request, http::Response response,
                                 hot::Kept* keep) {
    http::add_common_headers(response, shared_.node, shared_.clock.now());
    const Framing framing = frame(request, response, stopping_);
    std::string head = encode_head(response, framing);
    sent_ = 0;
    if (keep != nullptr) {
        keep->bytes = head;
    }
    if (framing.body == Framing::Body::none) {
        co_return co_await write(head);
    }
    if (keep != nullptr) {
        keep->bytes += response.text;
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
            reading_body_ = true;
            const bool sent = co_await write(kContinue);
            reading_body_ = false;
            if (!sent) {
                co_return hubfs::fail(hubfs::Code::cancelled, "the client is gone");
            }
        }
        set_deadline(shared_.timeouts.body);
        reading_body_ = true;
        const error_code error = co_await read_some();
        reading_body_ = false;
        clear_deadline();
        if (error) {
            co_return hubfs::fail(hubfs::Code::cancelled, "the client is gone");
        }
    }
}

// After this nobody else reads: an answer may come while its request's body is being waited for.
awaitable<void> Connection::close_body() {
    body_closed_ = true;
    while (reading_body_) {
        error_code ignored;
        socket_.cancel(ignored);
        co_await asio::post(executor(), asio::use_awaitable);
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

}  // namespace httpd::h1
