// SPDX-License-Identifier: Apache-2.0
#include "fs/supervisor/mountinfo.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace hubfs::supervisor {

namespace {

// Space, tab, line feed and backslash stand as \ooo, three octal digits.
std::string decode(std::string_view field) {
    std::string text;
    const auto octal = [](char c) { return c >= '0' && c <= '7'; };
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (field[i] == '\\' && i + 3 < field.size() && octal(field[i + 1]) &&
            octal(field[i + 2]) && octal(field[i + 3])) {
            const int value =
                (field[i + 1] - '0') * 64 + (field[i + 2] - '0') * 8 + (field[i + 3] - '0');
            text += static_cast<char>(value);
            i += 3;
        } else {
            text += field[i];
        }
    }
    return text;
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (!line.empty()) {
        const std::size_t end = std::min(line.find(' '), line.size());
        words.push_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return words;
}

}  // namespace

std::vector<MountEntry> parse_mountinfo(std::string_view text) {
    std::vector<MountEntry> mounts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::vector<std::string_view> words = words_of(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        // id parent major:minor root mount-point options [optional]... - type source super
        if (words.size() < 9) {
            continue;
        }
        const auto dash = std::find(words.begin() + 6, words.end(), "-");
        if (std::distance(dash, words.end()) < 3) {
            continue;
        }
        mounts.push_back({decode(words[4]), decode(dash[1]), decode(dash[2])});
    }
    return mounts;
}

const MountEntry* topmost(const std::vector<MountEntry>& mounts, std::string_view path) {
    const auto found = std::find_if(mounts.rbegin(), mounts.rend(), [&](const MountEntry& each) {
        return each.mount_point == path;
    });
    return found == mounts.rend() ? nullptr : &*found;
}

Result<std::vector<MountEntry>> read_mountinfo() {
    std::ifstream file("/proc/self/mountinfo");
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file || text.empty()) {
        return fail(Code::unsupported, "/proc/self/mountinfo cannot be read; mount proc at /proc");
    }
    return parse_mountinfo(text);
}

}  // namespace hubfs::supervisor
