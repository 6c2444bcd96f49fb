// SPDX-License-Identifier: Apache-2.0
// The kernel's side of a FUSE connection, played over a socket pair: requests are sent as bytes,
// replies are read as bytes. A packet socket keeps the message limits that /dev/fuse has.
#pragma once

#include <gtest/gtest.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "fs/base/fd.h"

namespace hubfs::test {

struct FakeReply {
    std::uint64_t unique = 0;
    std::int32_t error = 0;  // 0 or a negative errno; a code when unique is 0
    std::string body;

    template <class T>
    [[nodiscard]] T as() const {
        T value{};
        EXPECT_GE(body.size(), sizeof value);
        std::memcpy(&value, body.data(), std::min(body.size(), sizeof value));
        return value;
    }
};

class FakeKernel {
public:
    FakeKernel() {
        int pair[2] = {-1, -1};
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
        const int bytes = 4 << 20;  // a reply of 1 MiB is one packet
        for (const int fd : pair) {
            setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
            setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
        }
        ours_.reset(pair[0]);
        theirs_.reset(pair[1]);
    }

    // What the session is given.
    Fd device() { return std::move(theirs_); }

    // Sends a request and returns its number.
    std::uint64_t send(std::uint32_t opcode, std::uint64_t node, std::string_view body = {}) {
        next_ += 2;
        send_as(next_, opcode, node, body);
        return next_;
    }
    template <class T>
        requires(!std::is_convertible_v<T, std::string_view>)
    std::uint64_t send(std::uint32_t opcode, std::uint64_t node, const T& body) {
        return send(opcode, node, bytes_of(body));
    }
    void send_as(std::uint64_t unique, std::uint32_t opcode, std::uint64_t node,
                 std::string_view body) {
        fuse_in_header header{};
        header.len = static_cast<std::uint32_t>(sizeof header + body.size());
        header.opcode = opcode;
        header.unique = unique;
        header.nodeid = node;
        const std::string packet = bytes_of(header) + std::string(body);
        EXPECT_EQ(::send(ours_.get(), packet.data(), packet.size(), 0),
                  static_cast<ssize_t>(packet.size()));
    }
    void interrupt(std::uint64_t unique) {
        fuse_interrupt_in body{};
        body.unique = unique;
        send_as(unique | 1, FUSE_INTERRUPT, 0, bytes_of(body));
    }

    // The next reply; fails the test when none comes in ten seconds.
    FakeReply receive() {
        pollfd wait{.fd = ours_.get(), .events = POLLIN, .revents = 0};
        if (poll(&wait, 1, 10'000) != 1) {
            ADD_FAILURE() << "no reply";
            return {};
        }
        std::string packet(2 << 20, '\0');
        const ssize_t length = recv(ours_.get(), packet.data(), packet.size(), 0);
        fuse_out_header header{};
        EXPECT_GE(length, static_cast<ssize_t>(sizeof header));
        std::memcpy(&header, packet.data(), sizeof header);
        EXPECT_EQ(header.len, static_cast<std::uint32_t>(length));
        return {header.unique, header.error,
                packet.substr(sizeof header, static_cast<std::size_t>(length) - sizeof header)};
    }
    [[nodiscard]] bool silent() const {
        pollfd wait{.fd = ours_.get(), .events = POLLIN, .revents = 0};
        return poll(&wait, 1, 0) == 0;
    }
    // The connection ends, as after an unmount.
    void close() { ours_.reset(); }

    template <class T>
    static std::string bytes_of(const T& value) {
        std::string bytes(sizeof value, '\0');
        std::memcpy(bytes.data(), &value, sizeof value);
        return bytes;
    }
    static std::string name(std::string_view text) { return std::string(text) + '\0'; }

private:
    Fd ours_;
    Fd theirs_;
    std::uint64_t next_ = 0;
};

}  // namespace hubfs::test
