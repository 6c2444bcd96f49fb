// SPDX-License-Identifier: Apache-2.0
// hubfs: reads the words and the configuration, takes the locks, clears what an earlier run left,
// and hands over to the supervisor. The filesystem itself is hubfs-daemon.
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "fs/base/exit_code.h"
#include "fs/base/log.h"
#include "fs/base/options.h"
#include "fs/supervisor/command_line.h"
#include "fs/supervisor/daemon_process.h"
#include "fs/supervisor/lock.h"
#include "fs/supervisor/mounter.h"
#include "fs/supervisor/supervisor.h"
#include "fs/supervisor/unmount.h"

namespace {

using namespace hubfs;
using namespace hubfs::supervisor;

int complain(const Error& error) {
    std::fprintf(stderr, "hubfs: %s\n", error.message.c_str());
    return exit_code_for(error);
}

// Locks first: what they do not protect may be cleared.
Result<SupervisorConfig> prepare(const Options& options) {
    SupervisorConfig config;
    Result<std::string> program = find_daemon();
    if (!program) {
        return std::unexpected(program.error());
    }
    Result<Fd> opened = open_program(*program);
    if (!opened) {
        return std::unexpected(opened.error());
    }
    config.program_path = std::move(*program);
    config.program = std::move(*opened);
    config.shown = options.text("mount.path");
    Result<std::string> path = resolve_mount_point(config.shown);
    if (!path) {
        return std::unexpected(path.error());
    }
    Result<Fd> lock = lock_run_dir(options.text("node.run_dir"));
    if (!lock) {
        return std::unexpected(lock.error());
    }
    config.lock = std::move(*lock);
    const Result<bool> mounted = mounted_here(*path);
    if (!mounted) {
        return std::unexpected(mounted.error());
    }
    Result<Fd> claim = claim_mount_point(*path, *mounted);
    if (!claim) {
        return std::unexpected(claim.error());
    }
    config.claim = std::move(*claim);
    if (const Result<int> cleared = clear_stale(*path); !cleared) {
        return std::unexpected(cleared.error());
    }
    if (Status made = make_mount_point(*path); !made) {
        return std::unexpected(made.error());
    }
    config.mount = {.path = *path,
                    .allow_other = options.flag("mount.allow_other"),
                    .features = features_without(options.list("mount.disable_features"))};
    if (options.text("mount.passthrough") == "off") {
        config.mount.features.passthrough = false;
    }
    Result<Fd> sealed = seal_config(options.to_toml());
    if (!sealed) {
        return std::unexpected(sealed.error());
    }
    config.config = std::move(*sealed);
    config.cache_dirs = options.list("cache.dirs");
    return config;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string_view> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    Result<CommandLine> line = parse_command_line(words);
    if (!line) {
        std::fprintf(stderr, "hubfs: %s\nTry hubfs --help\n", line.error().message.c_str());
        return kExitUsage;
    }
    if (line->help || line->version) {
        const std::string text = line->help ? std::string(help_text()) : "hubfs " HFM_VERSION "\n";
        std::fputs(text.c_str(), stdout);
        return kExitOk;
    }
    if (line->mount_point) {
        // Options are absolute; a word on the command line may be relative.
        std::error_code error;
        const std::string path = std::filesystem::absolute(*line->mount_point, error).string();
        line->config.sets.push_back("mount.path=" + toml_string(path));
    }
    line->config.tables = {"node", "mount", "upstream", "cache", "freshness", "policy", "log"};
    line->config.files_must_exist = true;
    const auto options = Options::load(line->config);
    if (!options) {
        for (const std::string& mistake : options.error()) {
            std::fprintf(stderr, "%s\n", mistake.c_str());
        }
        return kExitUsage;
    }
    log::open("hubfs", options->text("log.level"));
    Result<SupervisorConfig> config = prepare(*options);
    if (!config) {
        return complain(config.error());
    }
    return supervise(std::move(*config));
}
