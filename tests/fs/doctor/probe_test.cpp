// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/probe.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "fs/base/fd.h"

namespace hubfs::doctor {
namespace {

struct Listener {
    Fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    ListenAddress address{"127.0.0.1", 0, false};

    Listener() {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(at);
        auto* const any = reinterpret_cast<sockaddr*>(&at);
        EXPECT_EQ(::bind(socket.get(), any, size), 0);
        EXPECT_EQ(::listen(socket.get(), 4), 0);
        EXPECT_EQ(::getsockname(socket.get(), any, &size), 0);
        address.port = ntohs(at.sin_port);
    }
};

TEST(Probe, LooksAtTheNearestDirectoryThatIsThere) {
    const auto dir = std::filesystem::temp_directory_path() / ("probe" + std::to_string(getpid()));
    std::filesystem::create_directory(dir);
    const Volume here = look_at(dir.string());
    const Volume below = look_at((dir / "not" / "made").string());
    EXPECT_TRUE(here.exists);
    EXPECT_FALSE(below.exists);
    EXPECT_FALSE(std::filesystem::exists(dir / "not")) << "looking must not make it";
    EXPECT_EQ(here.device, below.device);
    EXPECT_EQ(here.filesystem, below.filesystem);
    EXPECT_GT(here.free_bytes, 0U);
    EXPECT_TRUE(std::filesystem::is_empty(dir)) << "nothing is left behind";
    std::ofstream(dir / "file") << std::string(100000, 'x') << std::flush;
    EXPECT_GE(bytes_below(dir.string()), 100000U);
    EXPECT_EQ(bytes_below((dir / "not").string()), 0U);
    std::filesystem::remove_all(dir);
}

TEST(Probe, SaysWhyAPortCannotBeHad) {
    const Listener listener;
    EXPECT_EQ(try_to_bind(listener.address), EADDRINUSE);
    EXPECT_EQ(try_to_bind({"127.0.0.1", 0, false}), 0);
    EXPECT_EQ(try_to_bind({"192.0.2.1", 0, false}), EADDRNOTAVAIL);
}

TEST(Probe, HearsAGreetingAndGivesUpOnSilence) {
    const Listener listener;
    EXPECT_EQ(greeting_of(listener.address), "") << "nobody speaks";
    const Fd first(::accept(listener.socket.get(), nullptr, nullptr));
    EXPECT_EQ(greeting_of({"127.0.0.1", 1, false}), "") << "nobody listens";
}

TEST(Probe, ResolvesNumericNames) {
    EXPECT_EQ(addresses_of("127.0.0.1").value(), std::vector<std::string>{"127.0.0.1"});
    EXPECT_FALSE(addresses_of("no-such-host.invalid").has_value());
}

}  // namespace
}  // namespace hubfs::doctor
