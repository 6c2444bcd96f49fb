// SPDX-License-Identifier: Apache-2.0
#include "httpd/net/listener.h"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <future>
#include <utility>

#include "fs/base/log.h"

namespace httpd::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr int kBacklog = 4096;
// Out of descriptors: accepting again at once would only spin.
constexpr std::chrono::milliseconds kAcceptPause{100};

}  // namespace

struct Listener::State : std::enable_shared_from_this<State> {
    State(std::span<const std::unique_ptr<EventLoop>> all, Accepted on_accepted)
        : loops(all),
          accepted(std::move(on_accepted)),
          acceptor(all.front()->context()),
          pause(all.front()->context()) {}

    void accept() {
        EventLoop& loop = *loops[turn++ % loops.size()];
        acceptor.async_accept(loop.context(), [self = shared_from_this(), &loop](
                                                  error_code error, tcp::socket socket) {
            if (!self->acceptor.is_open()) {
                return;
            }
            if (error) {
                self->wait_and_accept(error);
                return;
            }
            asio::post(loop.context(), [self, &loop, socket = std::move(socket)]() mutable {
                self->accepted(std::move(socket), loop);
            });
            self->accept();
        });
    }

    void wait_and_accept(error_code error) {
        hubfs::log::warn("accept_failed", {{"reason", error.message()}});
        pause.expires_after(kAcceptPause);
        pause.async_wait([self = shared_from_this()](error_code aborted) {
            if (!aborted && self->acceptor.is_open()) {
                self->accept();
            }
        });
    }

    std::span<const std::unique_ptr<EventLoop>> loops;
    Accepted accepted;
    tcp::acceptor acceptor;  // on the first loop's thread once it accepts
    asio::steady_timer pause;
    std::size_t turn = 0;
    std::uint16_t port = 0;
};

hubfs::Result<std::unique_ptr<Listener>> Listener::open(
    const hubfs::ListenAddress& address, std::span<const std::unique_ptr<EventLoop>> loops,
    Accepted accepted) {
    auto state = std::make_shared<State>(loops, std::move(accepted));
    error_code error;
    const auto ip = asio::ip::make_address(address.host, error);
    const tcp::endpoint endpoint(ip, address.port);
    if (!error) {
        state->acceptor.open(endpoint.protocol(), error);
    }
    if (!error && address.v6) {
        state->acceptor.set_option(asio::ip::v6_only(true), error);
    }
    if (!error) {
        state->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error) {
        state->acceptor.bind(endpoint, error);
    }
    if (!error) {
        state->acceptor.listen(kBacklog, error);
    }
    if (!error) {
        state->port = state->acceptor.local_endpoint(error).port();
    }
    if (error) {
        return hubfs::fail(hubfs::Code::io,
                           "cannot listen on " + address.text() + ": " + error.message());
    }
    asio::post(loops.front()->context(), [state] { state->accept(); });
    return std::unique_ptr<Listener>(new Listener(std::move(state)));
}

Listener::~Listener() {
    close();
}

std::uint16_t Listener::port() const {
    return state_->port;
}

void Listener::close() {
    asio::io_context& context = state_->loops.front()->context();
    if (context.stopped()) {
        return;
    }
    auto done = std::make_shared<std::promise<void>>();
    auto waited = done->get_future();
    asio::post(context, [state = state_, done] {
        error_code ignored;
        state->acceptor.close(ignored);
        state->pause.cancel();
        done->set_value();
    });
    waited.wait();
}

}  // namespace httpd::net
