// SPDX-License-Identifier: Apache-2.0
// The real rsync daemon and client over a plain directory in the mount's place.
#include "fs/cli/rsync_service.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "fs/cli/node.h"

namespace hubfs::cli {
namespace {

namespace stdfs = std::filesystem;

constexpr const char* kCommit = "0123456789abcdef0123456789abcdef01234567";

struct Output {
    int exit_code = -1;
    std::string text;
};

Output run_command(const std::string& command) {
    Output output;
    FILE* const pipe = ::popen((command + " 2>&1").c_str(), "re");
    std::array<char, 4096> buffer;
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
        output.text.append(buffer.data(), got);
    }
    output.exit_code = WEXITSTATUS(::pclose(pipe));
    return output;
}

// A node whose mount is a script over a plain directory, with rsync on top, until destroyed.
class RsyncServiceTest : public testing::Test {
protected:
    RsyncServiceTest() {
        std::string name = testing::TempDir() + "hfm-rsync-XXXXXX";
        dir_ = ::mkdtemp(name.data());
        const stdfs::path repo = dir_ + "/mnt/models/org/name";
        stdfs::create_directories(repo / kCommit / "sub");
        stdfs::create_directories(dir_ + "/mnt/datasets");
        std::ofstream(repo / kCommit / "config.json") << "{}\n";
        std::ofstream(repo / kCommit / "sub/weights.bin") << std::string(100'000, 'w');
        std::ofstream(repo / kCommit / "sub/half.incomplete") << "half";
        stdfs::create_directory_symlink(kCommit, repo / "main");
        stdfs::create_directories(dir_ + "/run");
        auto options =
            Options::load({.file = "/dev/null",
                           .sets = {"mount.path=" + dir_ + "/mnt", "node.run_dir=" + dir_ + "/run",
                                    "log.dir=" + dir_ + "/log", "rsync.listen=127.0.0.1:0"}});
        EXPECT_TRUE(options.has_value());
        options_ = std::move(*options);
        int ends[2] = {-1, -1};
        EXPECT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
        stop_out_.reset(ends[0]);
        stop_in_.reset(ends[1]);
    }
    ~RsyncServiceTest() override { stdfs::remove_all(dir_); }

    // Runs the node; `clients` gets the address once it is ready, and the node stops after it.
    int with_server(const std::function<void(const std::string&)>& clients) {
        auto rsync = RsyncService::prepare(options_, clock_);
        if (!rsync) {
            ADD_FAILURE() << rsync.error().message;
            return -1;
        }
        ServiceSpec mount;
        mount.name = "mount";
        mount.command = [] {
            return Result<ChildSpec>(ChildSpec{"/bin/sh",
                                               {"-c",
                                                "trap 'exit 0' TERM; echo ready mount=/m; "
                                                "while :; do sleep 0.05; done"}});
        };
        std::thread client;
        NodeHooks hooks;
        hooks.stop_fd = stop_out_.get();
        hooks.on_stop_readable = [this] {
            char byte = 0;
            EXPECT_EQ(::read(stop_out_.get(), &byte, 1), 1);
        };
        hooks.log_fd = (*rsync)->log_fd();
        hooks.on_log_readable = [&rsync] { (*rsync)->on_log_readable(); };
        hooks.on_ready = [&](const std::string& line) {
            const std::string url =
                line.substr(line.find("rsync=") + 6, line.find('\n') - line.find("rsync=") - 6);
            client = std::thread([this, url, &clients] {
                clients(url);
                EXPECT_EQ(::write(stop_in_.get(), "x", 1), 1);
            });
        };
        std::vector<ServiceSpec> specs;
        specs.push_back(std::move(mount));
        specs.push_back((*rsync)->spec());
        const int code = Node(std::move(specs), std::move(hooks), clock_).run();
        if (client.joinable()) {
            client.join();
        }
        (*rsync)->on_log_readable();
        return code;
    }

    std::string log_text() const {
        std::string text;
        for (const auto& file : stdfs::directory_iterator(dir_ + "/log")) {
            std::ifstream in(file.path());
            text.append(std::istreambuf_iterator<char>(in), {});
        }
        return text;
    }

    Clock clock_;
    std::string dir_;
    Options options_;
    Fd stop_out_;
    Fd stop_in_;
};

TEST_F(RsyncServiceTest, ServesModulesListingsAndWholeRepositories) {
    const int code = with_server([this](const std::string& url) {
        const Output modules = run_command("rsync " + url + "/");
        EXPECT_NE(modules.text.find("public model repositories (read-only)"), std::string::npos)
            << modules.text;
        EXPECT_NE(modules.text.find("public dataset repositories (read-only)"), std::string::npos);

        const Output listing = run_command("rsync -r " + url + "/models/org/name/");
        EXPECT_NE(listing.text.find("sub/weights.bin"), std::string::npos) << listing.text;
        EXPECT_NE(listing.text.find("half.incomplete"), std::string::npos) << listing.text;

        const std::string copy = "rsync -a " + url + "/models/org/name/ " + dir_ + "/copy/";
        const Output first = run_command(copy);
        EXPECT_EQ(first.exit_code, 0) << first.text;
        EXPECT_EQ(stdfs::read_symlink(dir_ + "/copy/main"), kCommit);
        EXPECT_EQ(stdfs::file_size(dir_ + "/copy/" + kCommit + "/sub/weights.bin"), 100'000U);
        const Output again = run_command(copy + " --delete --stats");
        EXPECT_EQ(again.exit_code, 0) << again.text;
        EXPECT_NE(again.text.find("files transferred: 0"), std::string::npos) << again.text;

        const Output revision =
            run_command("rsync -a " + url + "/models/org/name/main/ " + dir_ + "/revision/");
        EXPECT_EQ(revision.exit_code, 0) << revision.text;
        EXPECT_TRUE(stdfs::exists(dir_ + "/revision/config.json"));
    });
    EXPECT_EQ(code, 0);
}

TEST_F(RsyncServiceTest, RefusesChecksumsAndWrites) {
    const int code = with_server([this](const std::string& url) {
        const Output checksum =
            run_command("rsync -ac " + url + "/models/org/name/ " + dir_ + "/copy/");
        EXPECT_NE(checksum.exit_code, 0);
        EXPECT_NE(checksum.text.find("refuse"), std::string::npos) << checksum.text;
        const Output write = run_command("rsync -a /etc/hostname " + url + "/models/");
        EXPECT_NE(write.exit_code, 0);
        EXPECT_NE(write.text.find("read only"), std::string::npos) << write.text;
        const Output outside = run_command("rsync " + url + "/models/../../log/");
        EXPECT_EQ(outside.text.find("rsync-"), std::string::npos) << outside.text;
    });
    EXPECT_EQ(code, 0);
}

TEST_F(RsyncServiceTest, LogsTransfersWithTruncatedAddresses) {
    const int code = with_server([this](const std::string& url) {
        const Output copy =
            run_command("rsync -a " + url + "/models/org/name/main/config.json " + dir_ + "/c");
        EXPECT_EQ(copy.exit_code, 0) << copy.text;
    });
    EXPECT_EQ(code, 0);
    const std::string log = log_text();
    EXPECT_NE(log.find("127.0.0.0"), std::string::npos) << log;
    EXPECT_NE(log.find("config.json"), std::string::npos) << log;
    EXPECT_EQ(log.find("127.0.0.1"), std::string::npos) << log;
}

TEST_F(RsyncServiceTest, APortThatIsTakenIsAMissingPrerequisiteWithARemedy) {
    const Fd other(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(at);
    auto* const any = reinterpret_cast<sockaddr*>(&at);
    ASSERT_EQ(::bind(other.get(), any, size), 0);
    ASSERT_EQ(::listen(other.get(), 1), 0);
    ASSERT_EQ(::getsockname(other.get(), any, &size), 0);
    const std::string port = std::to_string(ntohs(at.sin_port));
    const auto taken = can_listen({"127.0.0.1", ntohs(at.sin_port), false});
    ASSERT_FALSE(taken.has_value());
    EXPECT_EQ(taken.error().code, Code::unsupported);
    EXPECT_NE(taken.error().message.find("rsync.listen: 127.0.0.1:" + port), std::string::npos);
    EXPECT_NE(taken.error().message.find("port " + port + " is taken"), std::string::npos);
    EXPECT_TRUE(can_listen({"127.0.0.1", 0, false}).has_value());
    auto options =
        Options::load({.file = "/dev/null",
                       .sets = {"mount.path=" + dir_ + "/mnt", "node.run_dir=" + dir_ + "/run",
                                "log.dir=" + dir_ + "/log", "rsync.listen=127.0.0.1:" + port}});
    ASSERT_TRUE(options.has_value());
    const auto prepared = RsyncService::prepare(*options, clock_);
    ASSERT_FALSE(prepared.has_value());
    EXPECT_EQ(prepared.error().code, Code::unsupported);
}

TEST_F(RsyncServiceTest, GreetsOnlyWhereADaemonIs) {
    ListenAddress nobody{"127.0.0.1", 0, false};
    nobody.port = *free_port(nobody);
    EXPECT_FALSE(greets(nobody));
    EXPECT_TRUE(free_port({"::1", 0, true}).has_value() || !stdfs::exists("/proc/net/if_inet6"));
}

}  // namespace
}  // namespace hubfs::cli
