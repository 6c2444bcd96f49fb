// SPDX-License-Identifier: Apache-2.0
#include "httpd/net/event_loop.h"

#include <pthread.h>

#include <boost/asio/post.hpp>
#include <future>
#include <memory>
#include <utility>
#include <vector>

#include "fs/base/log.h"

namespace httpd::net {

EventLoop::EventLoop(std::string name) : work_(context_.get_executor()) {
    thread_ = std::thread([this, name = std::move(name)] {
        pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
        while (true) {
            try {
                context_.run();
                return;
            } catch (const std::exception& e) {
                // A handler threw: our own mistake. The loop goes on for everybody else.
                hubfs::log::error("event_loop_exception", {{"what", e.what()}});
            }
        }
    });
}

EventLoop::~EventLoop() {
    halt();
}

void EventLoop::halt() {
    context_.stop();
    if (thread_.joinable()) {
        thread_.join();
    }
}

template <class F>
void EventLoop::on_loop(F f) {
    if (context_.stopped()) {
        return;
    }
    auto done = std::make_shared<std::promise<void>>();
    auto waited = done->get_future();
    boost::asio::post(context_, [f = std::move(f), done]() mutable {
        f();
        done->set_value();
    });
    waited.wait();
}

void EventLoop::stop_connections() {
    on_loop([this] {
        // stop() may end a connection and take it off the list.
        for (Stoppable* const c : std::vector(connections_.begin(), connections_.end())) {
            c->stop();
        }
    });
}

void EventLoop::abort_connections() {
    on_loop([this] {
        for (Stoppable* const c : std::vector(connections_.begin(), connections_.end())) {
            c->abort();
        }
    });
}

std::size_t EventLoop::connections() {
    std::size_t n = 0;
    on_loop([this, &n] { n = connections_.size(); });
    return n;
}

}  // namespace httpd::net
