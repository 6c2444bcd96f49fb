// SPDX-License-Identifier: Apache-2.0
// A thread that runs one io_context, and the connections that live on it. Never touches the mount.
// Everything about a connection happens on its loop's thread.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <string>
#include <thread>
#include <unordered_set>

namespace httpd::net {

// What a loop can ask of its connections, on its own thread.
class Stoppable {
public:
    virtual ~Stoppable() = default;
    // No new request; what is being answered is finished.
    virtual void stop() = 0;
    // End now.
    virtual void abort() = 0;
};

class EventLoop {
public:
    explicit EventLoop(std::string name);
    ~EventLoop();  // stops, joins
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    [[nodiscard]] boost::asio::io_context& context() { return context_; }

    // On the loop's thread. A connection is listed from its start to its end.
    void add(Stoppable& connection) { connections_.insert(&connection); }
    void remove(Stoppable& connection) { connections_.erase(&connection); }

    // From any thread; thread-safe. Return when the loop has done it.
    void stop_connections();
    void abort_connections();
    [[nodiscard]] std::size_t connections();
    // Ends the thread; what still waits on this loop is dropped when it is destroyed.
    void halt();

private:
    template <class F>
    void on_loop(F f);

    boost::asio::io_context context_{1};  // one thread
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::unordered_set<Stoppable*> connections_;  // only on the loop's thread
    std::thread thread_;
};

}  // namespace httpd::net
