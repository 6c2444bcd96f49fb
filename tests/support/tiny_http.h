// SPDX-License-Identifier: Apache-2.0
// An HTTP/1.1 server in the test's own process, for what a real server would never do: cut bodies,
// wrong lengths, answers held until the test releases them. Raw sockets on 127.0.0.1, one thread
// per connection, GET without body only. The handler decides each answer; it is called on the
// connection's thread. Requests are remembered in the order they came.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "fs/base/fd.h"
#include "fs/base/hub_types.h"

namespace hubfs::test {

struct TinyRequest {
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers;  // names in lower case
    int connection = 0;                          // numbered from 1

    [[nodiscard]] std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string() : found->second;
    }
    // Of "Range: bytes=a-b".
    [[nodiscard]] std::optional<ByteRange> range() const {
        const std::string value = header("range");
        const std::size_t dash = value.find('-');
        if (!value.starts_with("bytes=") || dash == std::string::npos) {
            return std::nullopt;
        }
        return ByteRange{std::stoull(value.substr(6)), std::stoull(value.substr(dash + 1)) + 1};
    }
};

struct TinyReply {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};
    // Sent as Content-Length instead of the body's own; nothing: the body ends with the connection.
    std::optional<std::size_t> length{};
    bool no_length = false;
    std::optional<std::size_t> cut_after{};   // bytes of the body, then the connection ends
    bool hold = false;                        // nothing is sent before release()
    std::optional<std::size_t> hold_after{};  // bytes of the body, then wait for release()
};

class TinyHttp {
public:
    using Handler = std::function<TinyReply(const TinyRequest&)>;
    static constexpr std::chrono::seconds kWait{20};

    explicit TinyHttp(Handler handler) : handler_(std::move(handler)) {
        listener_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* any = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener_.get(), any, size) != 0 || ::listen(listener_.get(), 64) != 0 ||
            ::getsockname(listener_.get(), any, &size) != 0) {
            std::abort();
        }
        port_ = ntohs(address.sin_port);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    ~TinyHttp() {
        {
            const std::scoped_lock lock(mutex_);
            stopping_ = true;
            changed_.notify_all();
            for (const int fd : open_) {
                ::shutdown(fd, SHUT_RDWR);
            }
        }
        ::shutdown(listener_.get(), SHUT_RDWR);
        acceptor_.join();
        for (std::thread& thread : threads_) {
            thread.join();
        }
    }
    TinyHttp(const TinyHttp&) = delete;
    TinyHttp& operator=(const TinyHttp&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] std::string url() const { return "http://" + host(); }

    // Lets everything that is held go on, and never holds again.
    void release() {
        const std::scoped_lock lock(mutex_);
        released_ = true;
        changed_.notify_all();
    }
    // False when it did not come to that within kWait.
    [[nodiscard]] bool wait_held(std::size_t n) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, kWait, [&] { return held_ >= n; });
    }
    [[nodiscard]] std::vector<TinyRequest> requests() const {
        const std::scoped_lock lock(mutex_);
        return requests_;
    }
    [[nodiscard]] std::size_t count() const { return requests().size(); }
    [[nodiscard]] int connections() const {
        const std::scoped_lock lock(mutex_);
        return connections_;
    }
    // The most connections that were open at once.
    [[nodiscard]] std::size_t connections_peak() const {
        const std::scoped_lock lock(mutex_);
        return peak_;
    }

private:
    void accept_all() {
        for (;;) {
            Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            const std::scoped_lock lock(mutex_);
            if (stopping_ || !fd.valid()) {
                return;
            }
            const int on = 1;  // head and body are sent apart: no waiting for the first one's ACK
            ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            open_.push_back(fd.get());
            peak_ = std::max(peak_, open_.size());
            threads_.emplace_back([this, number = ++connections_, own = std::move(fd)]() mutable {
                while (answer_one(own.get(), number)) {
                }
                const std::scoped_lock closing(mutex_);
                std::erase(open_, own.get());
                own.reset();
            });
        }
    }

    bool answer_one(int fd, int number) {
        std::string text;
        char byte = 0;
        while (!text.ends_with("\r\n\r\n")) {
            if (::recv(fd, &byte, 1, 0) != 1) {
                return false;
            }
            text += byte;
        }
        const TinyRequest request = parse(text, number);
        {
            const std::scoped_lock lock(mutex_);
            requests_.push_back(request);
        }
        const TinyReply reply = handler_(request);
        return send_reply(fd, reply);
    }

    static TinyRequest parse(std::string_view text, int number) {
        TinyRequest request;
        request.connection = number;
        const std::string_view first = text.substr(0, text.find("\r\n"));
        request.method = first.substr(0, first.find(' '));
        const std::string_view rest = first.substr(request.method.size() + 1);
        request.target = rest.substr(0, rest.find(' '));
        for (text.remove_prefix(first.size() + 2); text.size() > 2;) {
            const std::string_view line = text.substr(0, text.find("\r\n"));
            text.remove_prefix(line.size() + 2);
            std::string name(line.substr(0, line.find(':')));
            for (char& c : name) {
                c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            }
            request.headers[name] = line.substr(std::min(line.size(), name.size() + 2));
        }
        return request;
    }

    bool send_reply(int fd, const TinyReply& reply) {
        if (reply.hold && !wait_released()) {
            return false;
        }
        std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " Reason\r\n";
        for (const auto& [name, value] : reply.headers) {
            head.append(name).append(": ").append(value).append("\r\n");
        }
        if (!reply.no_length) {
            const std::size_t length = reply.length.value_or(reply.body.size());
            head += "Content-Length: " + std::to_string(length) + "\r\n";
        }
        const std::size_t size = std::min(reply.body.size(), reply.cut_after.value_or(SIZE_MAX));
        const std::size_t before = std::min(size, reply.hold_after.value_or(size));
        const std::string_view body(reply.body);
        return send_all(fd, head + "\r\n") && send_all(fd, body.substr(0, before)) &&
               (!reply.hold_after || wait_released()) &&
               send_all(fd, body.substr(before, size - before)) && !reply.cut_after &&
               !reply.no_length;
    }

    static bool send_all(int fd, std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }

    bool wait_released() {
        std::unique_lock lock(mutex_);
        ++held_;
        changed_.notify_all();
        changed_.wait(lock, [&] { return released_ || stopping_; });
        --held_;
        return !stopping_;
    }

    const Handler handler_;
    Fd listener_;
    std::uint16_t port_ = 0;
    mutable std::mutex mutex_;  // guards what follows, but the threads' own use of their socket
    std::condition_variable changed_;
    bool stopping_ = false;
    bool released_ = false;
    std::size_t held_ = 0;
    std::size_t peak_ = 0;
    int connections_ = 0;
    std::vector<int> open_;
    std::vector<TinyRequest> requests_;
    std::list<std::thread> threads_;
    std::thread acceptor_;
};

}  // namespace hubfs::test
