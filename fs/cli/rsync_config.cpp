// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/rsync_config.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

namespace hubfs::cli {
namespace {

struct Module {
    std::string_view name;
    std::string_view comment;
};

constexpr auto kModules = std::to_array<Module>({
    {"models", "public model repositories (read-only)"},
    {"datasets", "public dataset repositories (read-only)"},
});

// --checksum reads every file of the tree, which on a read-through mount downloads the Hub. The
// others delete; options of partial and interrupted downloads stay allowed.
constexpr std::string_view kRefused = "checksum delete* remove-source-files remove-sent-files";

// rsyncd.conf reads %NAME% as a variable, a backslash at the end as a continued line, and cuts
// spaces at both ends.
bool holdable(std::string_view path) {
    return path.starts_with('/') && !path.ends_with(' ') && std::ranges::none_of(path, [](char c) {
               return c == '%' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
           });
}

// The first "/./" of a module's path ends the part that rsync changes its root to: the mount, not
// the module's directory, where each name that a process looks for in its root (etc, root, usr)
// would be taken for a repository and asked for upstream.
std::string without_dots(const std::string& path) {
    std::string plain = std::filesystem::path(path).lexically_normal().string();
    if (plain.size() > 1 && plain.ends_with('/')) {
        plain.pop_back();
    }
    return plain;
}

void line(std::string& out, std::string_view key, std::string_view value) {
    out.append(key).append(" = ").append(value).append("\n");
}

}  // namespace

Result<std::string> rsync_config(const RsyncSetup& setup) {
    for (const std::string& path :
         {setup.mount_path, setup.run_dir, setup.log_fifo, setup.motd_file}) {
        if (!holdable(path)) {
            return fail(Code::invalid,
                        "rsync's configuration cannot hold the path \"" + path + "\"");
        }
    }
    const std::string root = without_dots(setup.mount_path);
    std::string out = "# Made by hf-mirror up at every start; see docs/rsync.md.\n";
    line(out, "use chroot", setup.chroot ? "yes" : "no");
    line(out, "munge symlinks", "no");
    if (!setup.user.empty()) {
        line(out, "uid", setup.user);
        line(out, "gid", setup.group);
    }
    line(out, "read only", "yes");
    line(out, "list", "yes");
    line(out, "numeric ids", "yes");
    line(out, "max connections", std::to_string(kRsyncConnectionsMax));
    line(out, "lock file", setup.run_dir + "/rsyncd.lock");
    line(out, "timeout", std::to_string(kRsyncTimeoutSeconds));
    line(out, "reverse lookup", "no");
    line(out, "dont compress", "*");
    line(out, "max verbosity", "1");
    line(out, "transfer logging", "yes");
    line(out, "log file", setup.log_fifo);
    line(out, "log format", "%o %a %m %f %l %b");
    line(out, "motd file", setup.motd_file);
    line(out, "refuse options", kRefused);
    for (const Module& module : kModules) {
        out.append("\n[").append(module.name).append("]\n");
        line(out, "path", root + "/./" + std::string(module.name));
        line(out, "comment", module.comment);
    }
    return out;
}

std::string rsync_motd() {
    return "A read-only mirror of public repositories of the Hugging Face Hub.\n"
           "--checksum is refused: it would read every file. Please name the repositories you\n"
           "want; whole modules are large. At most " +
           std::to_string(kRsyncConnectionsMax) + " connections at a time.\n";
}

}  // namespace hubfs::cli
