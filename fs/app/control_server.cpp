// SPDX-License-Identifier: Apache-2.0
// The sockets of the control protocol: lines in, lines out, bounded in number, length and time.
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include "fs/app/control.h"
#include "fs/app/limits.h"
#include "fs/base/clock.h"
#include "fs/base/fd.h"
#include "fs/base/log.h"
#include "fs/base/socket_path.h"

namespace hubfs::app {

namespace {

struct Client {
    Fd socket;
    std::string in;        // at most a line and what came with it
    std::string out;       // not read from while this is not empty
    bool closing = false;  // after `out`
    Steady active{};
};

class Server final : public ControlServer {
public:
    Server(std::string path, Fd listener, Fd wake, ControlOps ops)
        : path_(std::move(path)),
          listener_(std::move(listener)),
          wake_(std::move(wake)),
          ops_(std::move(ops)),
          thread_([this] { run(); }) {}

    ~Server() override {
        const std::uint64_t one = 1;
        std::ignore = write(wake_.get(), &one, sizeof one);
        thread_.join();
        unlink(path_.c_str());
    }

private:
    void run() {
        pthread_setname_np(pthread_self(), "control");
        while (round()) {
        }
    }
    bool round();
    void accept_one();
    // False: the client is done with.
    bool serve(Client& client, short events);
    bool receive(Client& client);
    bool send(Client& client);
    void answer_lines(Client& client);

    const std::string path_;
    const Fd listener_;
    const Fd wake_;
    const ControlOps ops_;
    Clock clock_;
    std::vector<Client> clients_;  // the thread's own
    std::thread thread_;           // last: it uses what is above
};

bool Server::round() {
    std::vector<pollfd> waits{{.fd = wake_.get(), .events = POLLIN, .revents = 0},
                              {.fd = listener_.get(), .events = POLLIN, .revents = 0}};
    if (clients_.size() >= kControlClientsMax) {
        waits[1].fd = -1;
    }
    for (const Client& client : clients_) {
        const short events = client.out.empty() ? POLLIN : POLLOUT;
        waits.push_back({.fd = client.socket.get(), .events = events, .revents = 0});
    }
    const std::chrono::milliseconds limit = kControlIdle;
    if (poll(waits.data(), waits.size(), static_cast<int>(limit.count())) < 0) {
        return errno == EINTR;
    }
    if (waits[0].revents != 0) {
        return false;
    }
    const Steady now = clock_.steady();
    for (std::size_t i = clients_.size(); i-- > 0;) {
        Client& client = clients_[i];
        const short events = waits[i + 2].revents;
        const bool alive = events == 0 ? now - client.active < kControlIdle : serve(client, events);
        if (!alive) {
            clients_.erase(clients_.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }
    if (waits[1].revents != 0) {
        accept_one();
    }
    return true;
}

void Server::accept_one() {
    Fd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (socket.valid()) {
        clients_.push_back(
            {.socket = std::move(socket), .in = {}, .out = {}, .active = clock_.steady()});
    }
}

bool Server::serve(Client& client, short events) {
    client.active = clock_.steady();
    if (client.out.empty() && (events & (POLLIN | POLLHUP | POLLERR)) != 0 && !receive(client)) {
        return false;
    }
    return client.out.empty() || send(client);
}

bool Server::receive(Client& client) {
    std::array<char, 4096> piece{};
    const ssize_t length = recv(client.socket.get(), piece.data(), piece.size(), 0);
    if (length <= 0) {
        return length < 0 && (errno == EAGAIN || errno == EINTR);
    }
    client.in.append(piece.data(), static_cast<std::size_t>(length));
    answer_lines(client);
    return true;
}

void Server::answer_lines(Client& client) {
    std::size_t end = 0;
    while (!client.closing && client.out.size() < kControlReplyBytesMax &&
           (end = client.in.find('\n')) != std::string::npos && end <= kControlLineBytesMax) {
        const std::string line = client.in.substr(0, end);
        client.in.erase(0, end + 1);
        try {
            client.out += answer_control(line, ops_) + "\n";
        } catch (const std::exception& failure) {
            client.out += control_error(failure.what()) + "\n";
        }
    }
    if (client.in.size() > kControlLineBytesMax && !client.closing) {
        client.out += control_error("a line is too long") + "\n";
        client.closing = true;
    }
}

bool Server::send(Client& client) {
    const ssize_t length =
        ::send(client.socket.get(), client.out.data(), client.out.size(), MSG_NOSIGNAL);
    if (length < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    client.out.erase(0, static_cast<std::size_t>(length));
    if (client.out.empty()) {
        answer_lines(client);  // what had to wait for its room
    }
    return !client.out.empty() || !client.closing;
}

}  // namespace

Result<std::unique_ptr<ControlServer>> ControlServer::open(const std::string& path,
                                                           ControlOps ops) {
    const auto at = socket_path(path);
    if (!at) {
        return fail(Code::unsupported, "the control socket: " + at.error().message);
    }
    Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    Fd wake(eventfd(0, EFD_CLOEXEC));
    unlink(path.c_str());
    // The mode of an unbound socket is that of its file: there is no moment with a wider one.
    if (!socket.valid() || !wake.valid() || fchmod(socket.get(), 0600) != 0 ||
        bind(socket.get(), reinterpret_cast<const sockaddr*>(&at->address), sizeof at->address) !=
            0 ||
        listen(socket.get(), static_cast<int>(kControlClientsMax)) != 0) {
        return fail(Code::unsupported, "the control socket " + path + ": " + std::strerror(errno));
    }
    return std::make_unique<Server>(path, std::move(socket), std::move(wake), std::move(ops));
}

}  // namespace hubfs::app
