// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/day_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

#include "fs/base/log.h"

namespace hubfs::cli {
namespace {

constexpr std::size_t kDateLength = 10;  // 2026-11-21
constexpr mode_t kFileMode = 0640;

// The day a file is for, as its first moment.
std::optional<Instant> day_of(std::string_view file, std::string_view name) {
    constexpr std::string_view kEnd = ".log";
    if (file.size() != name.size() + 1 + kDateLength + kEnd.size() || !file.starts_with(name) ||
        file[name.size()] != '-' || !file.ends_with(kEnd)) {
        return std::nullopt;
    }
    return instant_from(std::string(file.substr(name.size() + 1, kDateLength)) + "T00:00:00.000Z");
}

}  // namespace

std::string day_file_name(std::string_view name, Instant at) {
    return std::string(name) + "-" + to_text(at).substr(0, kDateLength) + ".log";
}

std::vector<std::string> expired_day_files(const std::vector<std::string>& files,
                                           std::string_view name, Instant now,
                                           std::chrono::milliseconds keep) {
    std::vector<std::string> expired;
    for (const std::string& file : files) {
        const auto day = day_of(file, name);
        if (day && *day + std::chrono::days(1) + keep < now) {
            expired.push_back(file);
        }
    }
    return expired;
}

void DayLog::expire() {
    std::error_code error;
    std::vector<std::string> files;
    for (std::filesystem::directory_iterator at(dir_, error), end; !error && at != end;
         at.increment(error)) {
        files.push_back(at->path().filename().string());
    }
    for (const std::string& file : expired_day_files(files, name_, clock_.now(), keep_)) {
        std::filesystem::remove(std::filesystem::path(dir_) / file, error);
    }
}

void DayLog::open_day(const std::string& file_name) {
    std::error_code error;
    std::filesystem::create_directories(dir_, error);
    expire();
    const std::string path = dir_ + "/" + file_name;
    file_.reset(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kFileMode));
    open_name_ = file_name;
}

void DayLog::write(std::string_view line) {
    const std::string file_name = day_file_name(name_, clock_.now());
    if (!file_.valid() || file_name != open_name_) {
        open_day(file_name);
    }
    std::string text(line);
    text += '\n';
    const bool written = file_.valid() && ::write(file_.get(), text.data(), text.size()) ==
                                              static_cast<ssize_t>(text.size());
    if (!written && !failing_) {
        log::warn("log_not_written",
                  {{"file", dir_ + "/" + file_name}, {"reason", std::strerror(errno)}});
    }
    failing_ = !written;
}

}  // namespace hubfs::cli
