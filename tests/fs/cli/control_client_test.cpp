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
#include "fs/base/socket_path.h"

namespace hubfs::cli {
namespace {

// A listener that answers one question with the given text and hangs up.
class Answerer {
public:
    // `below`: further directories, for a long path.
    explicit Answerer(const std::string& below = {}) {
        std::string name = testing::TempDir() + "hfm-ctl-XXXXXX";
        root_ = ::mkdtemp(name.data());
        dir_ = root_ + below;
        std::filesystem::create_directories(dir_);
        const auto at = socket_path(path());
        EXPECT_TRUE(at.has_value());
        const sockaddr_un address = at->address;
        listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        EXPECT_EQ(
            ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
            0);
        EXPECT_EQ(::listen(listener_.get(), 1), 0);
    }
    ~Answerer() {
        if (thread_.joinable()) {
            thread_.join();
        }
        std::filesystem::remove_all(root_);
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
    std::string root_;
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

TEST(ControlClient, FindsASocketWhosePathIsLongerThanItsAddress) {
    Answerer there("/" + std::string(120, 'd') + "/" + std::string(120, 'e'));
    there.answer("{\"a\":1}\n");
    const auto answer = ask(there.path(), "{}");
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(*answer, "{\"a\":1}");
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
