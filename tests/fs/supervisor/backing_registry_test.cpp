// SPDX-License-Identifier: Apache-2.0
// What a daemon may have registered, and what not, whatever it sends.
#include "fs/supervisor/backing_registry.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>

#include "fs/supervisor/backing_protocol.h"

namespace hubfs::supervisor {
namespace {

class BackingRegistryTest : public ::testing::Test {
protected:
    BackingRegistryTest() {
        std::string name = std::filesystem::temp_directory_path() / "hfm-backing-XXXXXX";
        dir_ = mkdtemp(name.data());
        std::array<int, 2> pair{};
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()), 0);
        daemon_.reset(pair[0]);
        ours_.reset(pair[1]);
        close(open((dir_ / "blob").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    }
    ~BackingRegistryTest() override { std::filesystem::remove_all(dir_); }

    [[nodiscard]] BackingRules rules() const { return {.directories = {dir_}, .owner = geteuid()}; }
    Fd file(const char* name, int flags) const {
        return Fd(open((dir_ / name).c_str(), flags | O_CLOEXEC));
    }
    // What the daemon is answered; sends no descriptor for an invalid one.
    int ask(BackingRegistry& registry, std::uint64_t node, const Fd& with) {
        const BackingRequest request{.word = BackingWord::add, .node = node};
        send_packet(request, with.get());
        EXPECT_TRUE(registry.serve(ours_.get(), kDevice));
        BackingAnswer answer;
        EXPECT_EQ(recv(daemon_.get(), &answer, sizeof answer, MSG_DONTWAIT),
                  static_cast<ssize_t>(sizeof answer));
        EXPECT_EQ(answer.node, node);
        return answer.result;
    }
    void send_packet(BackingRequest request, int fd) const {
        iovec part{.iov_base = &request, .iov_len = sizeof request};
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        if (fd >= 0) {
            message.msg_control = control.data();
            message.msg_controllen = control.size();
            cmsghdr* const header = CMSG_FIRSTHDR(&message);
            header->cmsg_level = SOL_SOCKET;
            header->cmsg_type = SCM_RIGHTS;
            header->cmsg_len = CMSG_LEN(sizeof fd);
            std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
        }
        EXPECT_EQ(sendmsg(daemon_.get(), &message, 0), static_cast<ssize_t>(sizeof request));
    }
    BackingKernel kernel() {
        return {.open =
                    [this](int device, int) {
                        EXPECT_EQ(device, kDevice);
                        open_.insert(++last_);
                        return last_;
                    },
                .close = [this](int, int id) { EXPECT_EQ(open_.erase(id), 1U); }};
    }

    static constexpr int kDevice = 99;
    std::filesystem::path dir_;
    Fd daemon_;
    Fd ours_;
    std::set<int> open_;
    int last_ = 0;
};

TEST_F(BackingRegistryTest, ACacheFileOpenForReadingIsAllowed) {
    EXPECT_TRUE(check_backing(file("blob", O_RDONLY).get(), rules()));
}

TEST_F(BackingRegistryTest, WhatCouldReadMoreThanTheDaemonMayIsRefused) {
    EXPECT_FALSE(check_backing(file("blob", O_PATH).get(), rules()));
    EXPECT_FALSE(check_backing(file("blob", O_RDWR).get(), rules()));
    EXPECT_FALSE(check_backing(file("blob", O_WRONLY).get(), rules()));
    EXPECT_FALSE(check_backing(file(".", O_RDONLY | O_DIRECTORY).get(), rules()));
    EXPECT_FALSE(check_backing(ours_.get(), rules()));
    EXPECT_FALSE(check_backing(-1, rules()));
    BackingRules foreign = rules();
    foreign.owner += 1;
    EXPECT_FALSE(check_backing(file("blob", O_RDONLY).get(), foreign));
    BackingRules elsewhere = rules();
    elsewhere.directories = {"/proc", "/no/such"};
    EXPECT_FALSE(check_backing(file("blob", O_RDONLY).get(), elsewhere));
}

TEST_F(BackingRegistryTest, ANodeHasOneNumberHoweverOftenItIsAsked) {
    BackingRegistry registry(rules(), kernel());
    EXPECT_EQ(ask(registry, 5, file("blob", O_RDONLY)), 1);
    EXPECT_EQ(ask(registry, 5, file("blob", O_RDONLY)), 1);
    EXPECT_EQ(ask(registry, 6, file("blob", O_RDONLY)), 2);
    send_packet({.word = BackingWord::remove, .node = 5}, -1);
    EXPECT_TRUE(registry.serve(ours_.get(), kDevice));
    EXPECT_EQ(open_, std::set<int>{2});
    EXPECT_EQ(ask(registry, 5, file("blob", O_RDONLY)), 3);
}

TEST_F(BackingRegistryTest, ARefusalIsAnsweredAndRegistersNothing) {
    BackingRegistry registry(rules(), kernel());
    EXPECT_EQ(ask(registry, 5, file("blob", O_PATH)), -EACCES);
    EXPECT_EQ(ask(registry, 5, Fd()), -EACCES);
    EXPECT_TRUE(open_.empty());
    EXPECT_EQ(registry.size(), 0U);
}

TEST_F(BackingRegistryTest, AfterADeathOnlyWhatTheKernelHoldsStays) {
    BackingRegistry registry(rules(), kernel());
    for (const std::uint64_t node : {5U, 6U, 7U}) {
        ask(registry, node, file("blob", O_RDONLY));
    }
    registry.keep_only({6}, kDevice);
    EXPECT_EQ(open_, std::set<int>{2});
    EXPECT_EQ(registry.size(), 1U);
}

TEST_F(BackingRegistryTest, ADaemonThatIsGoneOrSendsNonsenseEndsTheSocket) {
    BackingRegistry registry(rules(), kernel());
    EXPECT_TRUE(registry.serve(ours_.get(), kDevice));  // nothing there
    ASSERT_EQ(send(daemon_.get(), "x", 1, 0), 1);
    EXPECT_FALSE(registry.serve(ours_.get(), kDevice));
    daemon_.reset();
    EXPECT_FALSE(registry.serve(ours_.get(), kDevice));
}

}  // namespace
}  // namespace hubfs::supervisor
