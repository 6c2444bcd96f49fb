// SPDX-License-Identifier: Apache-2.0
// A node of shell scripts: the order of starting and stopping, deaths, and exit codes. The scripts
// write what happened into one file, which is the story each test reads.
#include "fs/cli/node.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace hubfs::cli {
namespace {

class NodeTest : public testing::Test {
protected:
    NodeTest() {
        std::string name = testing::TempDir() + "hfm-node-XXXXXX";
        dir_ = ::mkdtemp(name.data());
        int ends[2] = {-1, -1};
        EXPECT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
        stop_out_.reset(ends[0]);
        stop_in_.reset(ends[1]);
    }
    ~NodeTest() override { std::filesystem::remove_all(dir_); }

    // A script that tells the story when it starts and when SIGTERM ends it with `end_code`.
    ServiceSpec good(const std::string& name, const std::string& ready, int end_code = 0) {
        return script(name, "trap 'echo stop-" + name + " >>" + story_file() + "; exit " +
                                std::to_string(end_code) + "' TERM; echo start-" + name + " >>" +
                                story_file() + "; echo ready " + ready +
                                "; while :; do sleep 0.05; done");
    }
    ServiceSpec script(const std::string& name, const std::string& text) {
        ServiceSpec spec;
        spec.name = name;
        spec.command = [text] { return Result<ChildSpec>(ChildSpec{"/bin/sh", {"-c", text}}); };
        return spec;
    }

    // Runs until it stops by itself, or right after ready when `stop_when_ready`.
    int run(std::vector<ServiceSpec> specs, bool stop_when_ready = true) {
        NodeHooks hooks;
        hooks.stop_fd = stop_out_.get();
        hooks.on_stop_readable = [this] {
            char byte = 0;
            while (::read(stop_out_.get(), &byte, 1) == 1) {
            }
        };
        hooks.on_ready = [this, stop_when_ready](const std::string& line) {
            ready_ += line;
            if (stop_when_ready) {
                stop();
            }
        };
        return Node(std::move(specs), std::move(hooks), clock_).run();
    }
    void stop() { ASSERT_EQ(::write(stop_in_.get(), "x", 1), 1); }

    std::string story_file() const { return dir_ + "/story"; }
    std::string story() const {
        std::ifstream in(story_file());
        std::string text((std::istreambuf_iterator<char>(in)), {});
        std::ranges::replace(text, '\n', ' ');
        return text;
    }

    Clock clock_;
    std::string dir_;
    std::string ready_;
    Fd stop_out_;
    Fd stop_in_;
};

TEST_F(NodeTest, StartsTheMountFirstAndStopsItLast) {
    EXPECT_EQ(run({good("mount", "mount=/m"), good("http", "http=h")}), 0);
    EXPECT_EQ(story(), "start-mount start-http stop-http stop-mount ");
    EXPECT_EQ(ready_, "ready mount=/m http=h\n");
}

TEST_F(NodeTest, RunsTheMountAlone) {
    EXPECT_EQ(run({good("mount", "mount=/m")}), 0);
    EXPECT_EQ(ready_, "ready mount=/m\n");
}

TEST_F(NodeTest, AStopBeforeReadyIsAStop) {
    stop();
    EXPECT_EQ(run({script("mount", "exec sleep 1000"), good("http", "http=h")}), 1)
        << "the sleeper dies by the signal, which is no orderly end";
    EXPECT_EQ(ready_, "");
    EXPECT_EQ(story(), "");
}

TEST_F(NodeTest, PassesOnWhyAProgramCouldNotStart) {
    EXPECT_EQ(run({script("mount", "exit 3"), good("http", "http=h")}), 3);
    EXPECT_EQ(run({script("mount", "exit 2")}), 2);
    EXPECT_EQ(run({script("mount", "exit 9")}), 1);
    EXPECT_EQ(story(), "");
    EXPECT_EQ(run({good("mount", "mount=/m"), script("http", "exit 2")}), 2);
    EXPECT_EQ(story(), "start-mount stop-mount ");
    EXPECT_EQ(ready_, "");
}

TEST_F(NodeTest, AMissingProgramIsAMissingPrerequisite) {
    ServiceSpec missing;
    missing.name = "hubfs";
    missing.command = [] { return Result<ChildSpec>(ChildSpec{"/nonexistent/hubfs", {}}); };
    EXPECT_EQ(run({missing}), 3);
    EXPECT_EQ(run({good("mount", "mount=/m"), missing}), 3);
    ServiceSpec taken;
    taken.name = "rsync";
    taken.command = []() -> Result<ChildSpec> { return fail(Code::unsupported, "port taken"); };
    EXPECT_EQ(run({taken}), 3);
    EXPECT_EQ(story(), "start-mount stop-mount ");
}

TEST_F(NodeTest, TheEndOfTheMountEndsEverything) {
    const std::string dies =
        "echo ready mount=/m; while ! [ -e " + dir_ + "/http ]; do sleep 0.02; done; exit 0";
    ServiceSpec http = script("http", "trap 'echo stop-http >>" + story_file() +
                                          "; exit 0' TERM; echo ready http=h; touch " + dir_ +
                                          "/http; while :; do sleep 0.05; done");
    EXPECT_EQ(run({script("mount", dies), http}, false), 1);
    EXPECT_EQ(story(), "stop-http ");
}

TEST_F(NodeTest, AMountThatDiesIsStartedAgainUnderTheServers) {
    ServiceSpec mount = script(
        "mount", "trap 'echo stop-mount >>" + story_file() + "; exit 0' TERM; echo mount >>" +
                     story_file() + "; echo ready mount=/m; while ! [ -e " + dir_ +
                     "/http ]; do sleep 0.02; done; [ $(grep -c mount <" + story_file() +
                     ") -ge 2 ] || kill -9 $$; while :; do sleep 0.05; done");
    mount.restarts = true;
    mount.zero_ends_all = true;
    ServiceSpec http =
        script("http", "trap 'echo stop-http >>" + story_file() + "; exit 0' TERM; echo http >>" +
                           story_file() + "; echo ready http=h; touch " + dir_ +
                           "/http; while :; do sleep 0.05; done");
    ServiceSpec watcher = script("watcher", "trap 'exit 0' TERM; while :; do sleep 0.05; done");
    watcher.probe = [this, done = false]() mutable -> std::optional<ReadyWords> {
        if (!done && story() == "mount http mount ") {
            done = true;
            stop();
        }
        return std::nullopt;
    };
    EXPECT_EQ(run({mount, http, watcher}, false), 0);
    EXPECT_EQ(story(), "mount http mount stop-http stop-mount ");
}

TEST_F(NodeTest, AMountThatSomebodyToldToStopEndsEverything) {
    ServiceSpec mount =
        script("mount", "echo life >>" + story_file() + "; echo ready mount=/m; while ! [ -e " +
                            dir_ + "/http ]; do sleep 0.02; done; exit 0");
    mount.restarts = true;
    mount.zero_ends_all = true;
    ServiceSpec http = script("http", "trap 'exit 0' TERM; echo ready http=h; touch " + dir_ +
                                          "/http; while :; do sleep 0.05; done");
    EXPECT_EQ(run({mount, http}, false), 1);
    EXPECT_EQ(story(), "life ");
}

TEST_F(NodeTest, AServerThatDiesIsStartedAgain) {
    ServiceSpec http = script("http", "trap 'exit 0' TERM; echo life >>" + story_file() +
                                          "; echo ready http=h; [ $(wc -l <" + story_file() +
                                          ") -ge 3 ] || exit 5; while :; do sleep 0.05; done");
    http.restarts = true;
    // Never ready itself: asked all the time, it stops the node once the third line is written.
    ServiceSpec watcher = script("watcher", "trap 'exit 0' TERM; while :; do sleep 0.05; done");
    watcher.probe = [this, done = false]() mutable -> std::optional<ReadyWords> {
        if (!done && story() == "start-mount life life ") {
            done = true;
            stop();
        }
        return std::nullopt;
    };
    EXPECT_EQ(run({good("mount", "mount=/m"), http, watcher}, false), 0);
    EXPECT_EQ(story(), "start-mount life life stop-mount ");
}

TEST_F(NodeTest, AServerThatKeepsDyingIsGivenUp) {
    ServiceSpec http =
        script("http", "echo life >>" + story_file() + "; echo ready http=h; exit 1");
    http.restarts = true;
    EXPECT_EQ(run({good("mount", "mount=/m"), http}, false), 1);
    const std::string told = story();
    EXPECT_TRUE(told.starts_with("start-mount life life life life life life stop-mount")) << told;
}

TEST_F(NodeTest, AnEndWithAnErrorAfterTheStopIsAFailure) {
    EXPECT_EQ(run({good("mount", "mount=/m", 23)}), 1);
    ServiceSpec rsync = good("rsync", "rsync=r", 20);
    rsync.stopped_exit_code = 20;
    EXPECT_EQ(run({good("mount", "mount=/m"), rsync}), 0);
}

TEST_F(NodeTest, AProgramWithoutAReadyLineIsAsked) {
    ServiceSpec rsync = script("rsync", "trap 'exit 0' TERM; while :; do sleep 0.05; done");
    rsync.probe = [asked = 0]() mutable -> std::optional<ReadyWords> {
        if (++asked < 3) {
            return std::nullopt;
        }
        return ReadyWords(1, {"rsync", "r"});
    };
    EXPECT_EQ(run({good("mount", "mount=/m"), rsync}), 0);
    EXPECT_EQ(ready_, "ready mount=/m rsync=r\n");
}

}  // namespace
}  // namespace hubfs::cli
