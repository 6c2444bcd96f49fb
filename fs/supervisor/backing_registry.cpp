// SPDX-License-Identifier: Apache-2.0
#include "fs/supervisor/backing_registry.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "fs/base/log.h"
#include "fs/supervisor/backing_protocol.h"

namespace hubfs::supervisor {

namespace {

// linux/fuse.h of 7.40; Debian 12's headers are older.
struct BackingMap {
    std::int32_t fd = -1;
    std::uint32_t flags = 0;
    std::uint64_t padding = 0;
};
constexpr unsigned long kBackingOpen = _IOW(229, 1, BackingMap);
constexpr unsigned long kBackingClose = _IOW(229, 2, std::uint32_t);

// A request and the descriptor that came with it, if there was one. Nothing: the end.
struct Packet {
    BackingRequest request;
    Fd file;
};
bool receive(int socket, Packet& packet) {
    iovec part{.iov_base = &packet.request, .iov_len = sizeof packet.request};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t length = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); length >= 0 && header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
            packet.file.reset(fd);
        }
    }
    return length == sizeof packet.request;
}

}  // namespace

BackingKernel kernel_backing() {
    return {.open =
                [](int device, int file) {
                    BackingMap map{.fd = file};
                    const int id = ioctl(device, kBackingOpen, &map);
                    return id > 0 ? id : -(id == 0 ? EIO : errno);
                },
            .close =
                [](int device, int id) {
                    auto number = static_cast<std::uint32_t>(id);
                    if (ioctl(device, kBackingClose, &number) != 0) {
                        log::warn("backing_not_closed", {{"errno", std::strerror(errno)}});
                    }
                }};
}

Status check_backing(int file, const BackingRules& rules) {
    const int flags = fcntl(file, F_GETFL);
    struct stat st{};
    if (flags < 0 || fstat(file, &st) != 0) {
        return fail(Code::denied, "not a descriptor");
    }
    if ((flags & O_PATH) != 0 || (flags & O_ACCMODE) != O_RDONLY) {
        return fail(Code::denied, "not open for reading only");
    }
    if (!S_ISREG(st.st_mode)) {
        return fail(Code::denied, "not a regular file");
    }
    if (st.st_uid != rules.owner) {
        return fail(Code::denied, "not the daemon's file");
    }
    const bool of_cache = std::ranges::any_of(rules.directories, [&](const std::string& path) {
        struct stat directory{};
        return stat(path.c_str(), &directory) == 0 && directory.st_dev == st.st_dev;
    });
    return of_cache ? Status() : fail(Code::denied, "not on a cache's filesystem");
}

bool BackingRegistry::serve(int socket, int device) {
    Packet packet;
    errno = 0;
    if (!receive(socket, packet)) {
        return errno == EAGAIN || errno == EINTR;
    }
    const BackingRequest& request = packet.request;
    if (request.word == BackingWord::remove) {
        remove(request.node, device);
        return true;
    }
    const BackingAnswer answer{.node = request.node,
                               .result = add(request.node, packet.file, device)};
    return send(socket, &answer, sizeof answer, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof answer;
}

int BackingRegistry::add(std::uint64_t node, const Fd& file, int device) {
    if (const auto known = ids_.find(node); known != ids_.end()) {
        return known->second;  // asked again by a daemon whose predecessor never saw the answer
    }
    if (const Status allowed = check_backing(file.get(), rules_); !allowed) {
        log::error("backing_refused", {{"node", node}, {"reason", allowed.error().message}});
        return -EACCES;
    }
    const int id = kernel_.open(device, file.get());
    if (id > 0) {
        ids_.emplace(node, id);
    }
    return id;
}

void BackingRegistry::remove(std::uint64_t node, int device) {
    const auto known = ids_.find(node);
    if (known != ids_.end()) {
        kernel_.close(device, known->second);
        ids_.erase(known);
    }
}

void BackingRegistry::keep_only(const std::unordered_set<std::uint64_t>& nodes, int device) {
    for (auto each = ids_.begin(); each != ids_.end();) {
        if (nodes.contains(each->first)) {
            ++each;
            continue;
        }
        kernel_.close(device, each->second);
        each = ids_.erase(each);
    }
}

}  // namespace hubfs::supervisor
