// SPDX-License-Identifier: Apache-2.0
#include "fs/app/backing_client.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "fs/app/limits.h"
#include "fs/supervisor/backing_protocol.h"

namespace hubfs::app {

namespace {

using supervisor::BackingAnswer;
using supervisor::BackingRequest;
using supervisor::BackingWord;

bool send_with_file(int socket, BackingRequest request, int file) {
    iovec part{.iov_base = &request, .iov_len = sizeof request};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof file);
    std::memcpy(CMSG_DATA(header), &file, sizeof file);
    return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof request;
}

// Nothing: no answer in time.
bool receive(int socket, BackingAnswer& answer) {
    pollfd wait{.fd = socket, .events = POLLIN, .revents = 0};
    int ready = 0;
    do {
        ready = poll(&wait, 1, static_cast<int>(kBackingWait.count()));
    } while (ready < 0 && errno == EINTR);
    return ready == 1 &&
           recv(socket, &answer, sizeof answer, MSG_DONTWAIT) == ssize_t{sizeof answer};
}

// Errors that will be the same for every file (fuse-notes): no privilege, a stacked filesystem
// below the cache, a kernel without it.
bool for_good(int error) {
    return error == EPERM || error == ELOOP || error == ENOTTY || error == EOPNOTSUPP ||
           error == EINVAL;
}

}  // namespace

Result<std::int32_t> BackingClient::add(tree::Ino node, const Fd& file) {
    const std::scoped_lock lock(mutex_);
    BackingAnswer answer;
    if (lost_ ||
        !send_with_file(socket_.get(), {.word = BackingWord::add, .node = node.value},
                        file.get()) ||
        !receive(socket_.get(), answer) || answer.node != node.value) {
        lost_ = true;  // a late answer would belong to another question
        return fail(Code::unsupported, "the supervisor does not answer");
    }
    if (answer.result <= 0) {
        const int error = -answer.result;
        return fail(for_good(error) ? Code::unsupported : Code::io,
                    std::string("registering a file: ") + std::strerror(error));
    }
    return answer.result;
}

void BackingClient::remove(tree::Ino node) {
    const std::scoped_lock lock(mutex_);
    const BackingRequest request{.word = BackingWord::remove, .node = node.value};
    // Waits while the supervisor is busy: a lost word would keep the file's space for good.
    if (send(socket_.get(), &request, sizeof request, MSG_NOSIGNAL) != sizeof request) {
        lost_ = true;
    }
}

}  // namespace hubfs::app
