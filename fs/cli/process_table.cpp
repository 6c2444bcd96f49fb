// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/process_table.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>

namespace hubfs::cli {
namespace {

pid_t number(std::string_view text) {
    pid_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

std::string text_of(pid_t pid, const char* what) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/" + what);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::vector<pid_t> all_processes() {
    std::vector<pid_t> found;
    std::error_code error;
    std::filesystem::directory_iterator entries("/proc", error);
    const std::filesystem::directory_iterator end;
    while (!error && entries != end) {
        if (const pid_t pid = number(entries->path().filename().string()); pid > 0) {
            found.push_back(pid);
        }
        entries.increment(error);
    }
    return found;
}

pid_t parent_of(pid_t pid) {
    constexpr std::string_view kStart = "\nPPid:\t";
    const std::string status = text_of(pid, "status");
    const std::size_t at = status.find(kStart);
    if (at == std::string::npos) {
        return 0;
    }
    const std::string_view rest = std::string_view(status).substr(at + kStart.size());
    return number(rest.substr(0, rest.find('\n')));
}

std::string name_of(pid_t pid) {
    const std::string name = text_of(pid, "comm");
    return name.substr(0, name.find('\n'));
}

std::vector<std::string> words_of(pid_t pid) {
    std::vector<std::string> words;
    const std::string line = text_of(pid, "cmdline");
    for (std::size_t at = 0; at < line.size();) {
        words.emplace_back(line.c_str() + at);
        at += words.back().size() + 1;
    }
    return words;
}

}  // namespace hubfs::cli
