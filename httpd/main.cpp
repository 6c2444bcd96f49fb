// SPDX-License-Identifier: Apache-2.0
// hub-httpd: flags, configuration, server, wait for a signal, drain and stop.
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/exit_code.h"
#include "fs/base/log.h"
#include "fs/base/options.h"
#include "httpd/app/config.h"
#include "httpd/app/server.h"

namespace {

constexpr std::string_view kHelp =
    "usage: hub-httpd [--config FILE] [--set TABLE.KEY=VALUE]...\n"
    "\n"
    "HTTP over an existing mount (mount.path) of the Hugging Face Hub.\n"
    "\n"
    "  --config FILE          configuration; else $HF_MIRROR_CONFIG, else\n"
    "                         /etc/hf-mirror/hf-mirror.toml if it is there\n"
    "  --set TABLE.KEY=VALUE  one option, over the file's; repeatable\n"
    "  --help, --version\n"
    "\n"
    "When it serves it prints one line: ready http=http://ADDR:PORT\n"
    "SIGTERM or SIGINT: finish what runs, then exit 0.\n"
    "Exit status: 0 ok, 1 failed, 2 usage or configuration, 3 prerequisite missing.\n";

void say(std::FILE* to, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), to);
    std::fflush(to);
}

struct Arguments {
    hubfs::ConfigSource source;
    std::optional<int> exit;  // nothing more to do
};

Arguments parse(const std::vector<std::string_view>& words) {
    Arguments arguments;
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::string_view word = words[i];
        if (word == "--help" || word == "-h") {
            say(stdout, kHelp);
            return {{}, hubfs::kExitOk};
        }
        if (word == "--version") {
            say(stdout, "hub-httpd " HFM_VERSION "\n");
            return {{}, hubfs::kExitOk};
        }
        std::string value;
        const auto equals = word.find('=');
        const bool known = word.starts_with("--config") || word.starts_with("--set");
        if (known && equals != std::string_view::npos &&
            (word.substr(0, equals) == "--config" || word.substr(0, equals) == "--set")) {
            value = word.substr(equals + 1);
            word = word.substr(0, equals);
        } else if ((word == "--config" || word == "--set") && i + 1 < words.size()) {
            value = words[++i];
        } else {
            say(stderr,
                "hub-httpd: not understood: " + std::string(word) + "\n" + std::string(kHelp));
            return {{}, hubfs::kExitUsage};
        }
        if (word == "--config") {
            arguments.source.file = value;
        } else {
            arguments.source.sets.push_back(value);
        }
    }
    return arguments;
}

// Every connection and every open file of the mount is a descriptor.
void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

sigset_t block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread: all inherit it
    std::signal(SIGPIPE, SIG_IGN);                  // sendfile knows no MSG_NOSIGNAL
    return signals;
}

int run(const Arguments& arguments) {
    hubfs::ConfigSource source = arguments.source;
    source.tables = {"node", "mount", "upstream", "http", "limits", "policy", "log"};
    const auto options = hubfs::Options::load(source);
    if (!options) {
        for (const std::string& mistake : options.error()) {
            say(stderr, mistake + "\n");
        }
        return hubfs::kExitUsage;
    }
    auto config = httpd::app::config_from(*options);
    if (!config) {
        say(stderr, "hub-httpd: " + config.error().message + "\n");
        return hubfs::kExitUsage;
    }
    hubfs::log::open("hub-httpd", options->text("log.level"));
    const sigset_t signals = block_signals();
    raise_descriptor_limit();
    const hubfs::Clock clock;
    auto server = httpd::app::Server::open(std::move(*config), clock);
    if (!server) {
        say(stderr, "hub-httpd: " + server.error().message + "\n");
        return hubfs::kExitPrerequisite;
    }
    say(stdout, "ready http=" + (*server)->address() + "\n");
    int got = 0;
    sigwait(&signals, &got);
    hubfs::log::info("stopping", {{"signal", got}});
    if (!(*server)->stop()) {
        std::_Exit(hubfs::kExitOk);  // a thread hangs in the mount; the log is written, nothing
                                     // else is ours
    }
    return hubfs::kExitOk;
}

}  // namespace

int main(int argc, char** argv) {
    const Arguments arguments = parse({argv + std::min(argc, 1), argv + argc});
    return arguments.exit ? *arguments.exit : run(arguments);
}
