// SPDX-License-Identifier: Apache-2.0
// The control protocol: one JSON object per line in, one line out; and its socket's bounds.
#include "fs/app/control.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "fs/app/limits.h"
#include "fs/base/fd.h"

namespace hubfs::app {
namespace {

ControlOps ops() {
    return {{"hello", [](std::string_view) { return R"({"ok":true})"; }},
            {"echo", [](std::string_view line) { return std::string(line); }},
            {"throw", [](std::string_view) -> std::string { throw std::runtime_error("boo"); }}};
}

TEST(Control, AnswersByOp) {
    EXPECT_EQ(answer_control(R"({"op":"hello"})", ops()), R"({"ok":true})");
    EXPECT_EQ(answer_control(R"( { "more": [1], "op" : "hello" } )", ops()), R"({"ok":true})");
}

TEST(Control, EverythingElseIsAnErrorInOneLine) {
    for (const std::string_view line :
         {"", "x", "[]", "1", "{}", R"({"op":1})", R"({"op":null})", R"({"op":"nope"})",
          R"({"op":"hello")", R"({"op":"a\nb"})", "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]"}) {
        const std::string answer = answer_control(line, ops());
        EXPECT_TRUE(answer.starts_with(R"({"error":")")) << line << " -> " << answer;
        EXPECT_EQ(answer.find('\n'), std::string::npos) << line;
    }
}

class Client {
public:
    explicit Client(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.data(), path.size());
        EXPECT_EQ(
            connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    }
    void send(std::string_view text) {
        EXPECT_EQ(::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }
    // Up to a line feed or the end; "" at the end.
    std::string line() {
        std::string text;
        char c = 0;
        pollfd wait{.fd = socket_.get(), .events = POLLIN, .revents = 0};
        while (poll(&wait, 1, 10'000) == 1 && recv(socket_.get(), &c, 1, 0) == 1) {
            if (c == '\n') {
                return text;
            }
            text += c;
        }
        return text;
    }

private:
    Fd socket_;
};

class ControlSocket : public ::testing::Test {
protected:
    ControlSocket() {
        std::string name = "/tmp/controlXXXXXX";  // short: a socket's path has 107 bytes
        root_ = mkdtemp(name.data());
        path_ = root_ + "/x.sock";
        auto server = ControlServer::open(path_, ops());
        EXPECT_TRUE(server);
        server_ = std::move(*server);
    }
    ~ControlSocket() override {
        server_.reset();
        std::filesystem::remove_all(root_);
    }
    std::string root_, path_;
    std::unique_ptr<ControlServer> server_;
};

TEST_F(ControlSocket, IsForItsOwnerOnlyAndGoesWithTheServer) {
    struct stat st{};
    ASSERT_EQ(stat(path_.c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777, 0600U);
    server_.reset();
    EXPECT_NE(stat(path_.c_str(), &st), 0);
}

TEST_F(ControlSocket, AnswersLinesInOrderAlsoWhenTheyComeTogetherOrInPieces) {
    Client client(path_);
    client.send("{\"op\":\"hello\"}\n{\"op\":\"echo\",\"n\":2}\n{\"op\":");
    EXPECT_EQ(client.line(), R"({"ok":true})");
    EXPECT_EQ(client.line(), R"({"op":"echo","n":2})");
    client.send("\"hello\"}\n");
    EXPECT_EQ(client.line(), R"({"ok":true})");
}

TEST_F(ControlSocket, AnOperationThatThrowsIsAnError) {
    Client client(path_);
    client.send("{\"op\":\"throw\"}\n{\"op\":\"hello\"}\n");
    EXPECT_EQ(client.line(), R"({"error":"boo"})");
    EXPECT_EQ(client.line(), R"({"ok":true})");
}

TEST_F(ControlSocket, ALineWithoutEndIsCutOff) {
    Client client(path_);
    const std::string much(kControlLineBytesMax + 1, 'x');
    client.send(much);
    EXPECT_EQ(client.line(), R"({"error":"a line is too long"})");
    EXPECT_EQ(client.line(), "");  // closed
    Client other(path_);
    other.send("{\"op\":\"hello\"}\n");
    EXPECT_EQ(other.line(), R"({"ok":true})");
}

TEST_F(ControlSocket, SurvivesClientsThatLeave) {
    for (int i = 0; i < 50; ++i) {
        Client client(path_);
        client.send("{\"op\":\"echo\"}\n{\"op\"");
    }
    Client client(path_);
    client.send("{\"op\":\"hello\"}\n");
    EXPECT_EQ(client.line(), R"({"ok":true})");
}

TEST_F(ControlSocket, ReplacesASocketThatWasLeftBehind) {
    server_.reset();
    const Fd left(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    ASSERT_EQ(bind(left.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    auto server = ControlServer::open(path_, ops());
    ASSERT_TRUE(server);
    server_ = std::move(*server);
    Client client(path_);
    client.send("{\"op\":\"hello\"}\n");
    EXPECT_EQ(client.line(), R"({"ok":true})");
}

TEST(ControlPath, MayBeLongerThanASocketsAddress) {
    std::string name = testing::TempDir() + "controlXXXXXX";
    const std::string root = mkdtemp(name.data());
    const std::string dir = root + "/" + std::string(150, 'd') + "/" + std::string(150, 'e');
    std::filesystem::create_directories(dir);
    {
        const auto server = ControlServer::open(dir + "/hubfs.sock", ops());
        ASSERT_TRUE(server) << server.error().message;
        EXPECT_TRUE(std::filesystem::is_socket(dir + "/hubfs.sock"));
    }
    EXPECT_FALSE(std::filesystem::exists(dir + "/hubfs.sock"));
    std::filesystem::remove_all(root);
}

TEST(ControlPath, ANameTooLongForASocketIsAPrerequisite) {
    const auto server = ControlServer::open("/tmp/" + std::string(200, 'x'), ops());
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().code, Code::unsupported);
}

}  // namespace
}  // namespace hubfs::app
