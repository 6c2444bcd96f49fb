// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/control_client.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "fs/base/fd.h"
#include "fs/base/socket_path.h"

namespace hubfs::cli {
namespace {

Result<Fd> connect_to(const std::string& path) {
    const auto at = socket_path(path);
    if (!at) {
        return std::unexpected(at.error());
    }
    Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval limit{kControlDeadline.count(), 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    const auto* const address = reinterpret_cast<const sockaddr*>(&at->address);
    if (::connect(socket.get(), address, sizeof(at->address)) != 0) {
        return fail(errno == EACCES ? Code::denied : Code::unreachable,
                    path + ": " + std::strerror(errno));
    }
    return socket;
}

}  // namespace

Result<std::string> ask(const std::string& socket_path, std::string_view question) {
    auto socket = connect_to(socket_path);
    if (!socket) {
        return std::unexpected(socket.error());
    }
    const std::string line = std::string(question) + "\n";
    if (::send(socket->get(), line.data(), line.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(line.size())) {
        return fail(Code::io, socket_path + ": " + std::strerror(errno));
    }
    std::string answer;
    std::array<char, 65536> buffer;
    while (answer.find('\n') == std::string::npos) {
        const ssize_t got = ::recv(socket->get(), buffer.data(), buffer.size(), 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            const bool late = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
            return fail(late ? Code::timed_out : Code::io,
                        socket_path + (late ? ": no answer" : ": hung up"));
        }
        answer.append(buffer.data(), static_cast<std::size_t>(got));
        if (answer.size() > kControlAnswerMax) {
            return fail(Code::invalid, socket_path + ": the answer is too long");
        }
    }
    return answer.substr(0, answer.find('\n'));
}

}  // namespace hubfs::cli
