// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/control_client.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <thread>

#include "fs/base/fd.h"

namespace hubfs::cli {
namespace {

// A listener that answers one question with the given text and hangs up.
class Answerer {
public:
    Answerer() {
        std::string name = testing::TempDir() + "hfm-ctl-XXXXXX";
        dir_ = ::mkdtemp(name.data());
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path().c_str(), sizeof(address.sun_path) - 1);
        listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)),
                  0);
        EXPECT_EQ(::listen(listener_.get(), 1), 0);
    }
    ~Answerer() {
        if (thread_.joinable()) {
            thread_.join();
        }
        std::filesystem::remove_all(dir_);
    }
    std::string path() const { return dir_ + "/s.sock"; }

    void answer(std::string text) {
        thread_ = std::thread([this, text = std::move(text)] {
            const Fd client(::accept(listener_.get(), nullptr, nullptr));
            std::array<char, 4096> buffer;
            const ssize_t got = ::recv(client.get(), buffer.data(), buffer.size(), 0);
            asked.assign(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
            for (std::size_t at = 0; at < text.size();) {  // in pieces
                const std::size_t size = std::min<std::size_t>(text.size() - at, 70000);
                const ssize_t sent = ::send(client.get(), text.data() + at, size, MSG_NOSIGNAL);
                if (sent <= 0) {
                    return;
                }
                at += static_cast<std::size_t>(sent);
            }
        });
    }

    std::string asked;

private:
    std::string dir_;
    Fd listener_;
    std::thread thread_;
};

TEST(ControlClient, AsksOneLineAndTakesOneLine) {
    Answerer there;
    there.answer("{\"a\":1}\nmore\n");
    EXPECT_EQ(ask(there.path(), "{}"), "{\"a\":1}");
    EXPECT_EQ(there.asked, "{}\n");
}

TEST(ControlClient, TakesALongAnswerAndRefusesATooLongOne) {
    Answerer there;
    there.answer(std::string(1 << 20, 'x') + "\n");
    const auto answer = ask(there.path(), "{}");
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->size(), std::size_t{1} << 20);
    Answerer endless;
    endless.answer(std::string(kControlAnswerMax + (1 << 20), 'x'));
    EXPECT_EQ(ask(endless.path(), "{}").error().code, Code::invalid);
}

TEST(ControlClient, SaysWhyThereIsNoAnswer) {
    EXPECT_EQ(ask("/nonexistent/hubfs.sock", "{}").error().code, Code::unreachable);
    EXPECT_EQ(ask(std::string(200, 'a'), "{}").error().code, Code::invalid);
    Answerer there;
    there.answer("");
    EXPECT_EQ(ask(there.path(), "{}").error().code, Code::io);
}

}  // namespace
}  // namespace hubfs::cli
