// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/leftover_mount.h"

#include <sys/mount.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "fs/base/log.h"
#include "fs/cli/child.h"

namespace hubfs::cli {
namespace {

// The kernel writes space, tab, newline and backslash as \ooo.
std::string unescaped(std::string_view field) {
    std::string out;
    for (std::size_t i = 0; i < field.size(); ++i) {
        const auto digit = [&](std::size_t at) { return field[i + at] - '0'; };
        if (field[i] == '\\' && i + 3 < field.size()) {
            out += static_cast<char>(digit(1) * 64 + digit(2) * 8 + digit(3));
            i += 3;
        } else {
            out += field[i];
        }
    }
    return out;
}

// Field `index` of a line, counted from 0.
std::string_view field_of(std::string_view line, int index) {
    for (; index > 0; --index) {
        const std::size_t space = line.find(' ');
        if (space == std::string_view::npos) {
            return {};
        }
        line.remove_prefix(space + 1);
    }
    return line.substr(0, line.find(' '));
}

bool is_ours(std::string_view line, std::string_view path) {
    constexpr int kMountPoint = 4;  // proc(5): the fifth field; after " - " comes the type
    const std::size_t separator = line.find(" - ");
    return separator != std::string_view::npos && line.substr(separator + 3).starts_with("fuse") &&
           unescaped(field_of(line, kMountPoint)) == path;
}

}  // namespace

bool has_fuse_mount(std::string_view mountinfo, std::string_view path) {
    while (!mountinfo.empty()) {
        const std::size_t end = mountinfo.find('\n');
        if (is_ours(mountinfo.substr(0, end), path)) {
            return true;
        }
        mountinfo.remove_prefix(end == std::string_view::npos ? mountinfo.size() : end + 1);
    }
    return false;
}

bool detach_leftover_mount(const std::string& path) {
    std::ifstream in("/proc/self/mountinfo");
    const std::string table((std::istreambuf_iterator<char>(in)), {});
    if (!has_fuse_mount(table, path)) {
        return false;
    }
    log::warn("leftover_mount", {{"path", path}});
    if (::geteuid() == 0) {
        ::umount2(path.c_str(), MNT_FORCE | MNT_DETACH | UMOUNT_NOFOLLOW);
        return true;
    }
    if (auto helper = Child::start({"fusermount3", {"-u", "-z", path}})) {
        helper->reap();
    }
    return true;
}

}  // namespace hubfs::cli
