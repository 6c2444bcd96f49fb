// SPDX-License-Identifier: Apache-2.0
#include "httpd/app/access_log.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <span>
#include <system_error>
#include <utility>

#include "fs/base/log.h"

namespace httpd::app {

namespace {

constexpr std::size_t kUserAgentMax = 256;
constexpr std::size_t kPathMax = 2048;
constexpr std::string_view kPrefix = "access-";
constexpr std::string_view kSuffix = ".log";
constexpr mode_t kFileMode = 0640;
constexpr std::size_t kWriteBytes = 64 * 1024;  // lines of record() in one write
constexpr std::size_t kTimeBytes = 27;          // 2026-11-21T15:04:05.123456Z

// Printable ASCII as it is, but for quotes and backslashes; everything else as \xNN.
std::string escaped(std::string_view text, std::size_t max) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::string out;
    for (const char c : text.substr(0, max)) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\' || byte < 0x20 || byte >= 0x7f) {
            out += "\\x";
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        } else {
            out += c;
        }
    }
    return out;
}

std::string day_text(hubfs::Instant at) {
    return hubfs::to_text(at).substr(0, 10);
}

void write_digits(char* to, int digits, std::int64_t value) {
    for (int i = digits - 1; i >= 0; --i) {
        to[i] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
}

// hubfs::to_text() without an allocation.
void write_time(hubfs::Instant at, std::span<char, kTimeBytes> to) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const auto micros = (at - day).count();
    std::ranges::copy(std::string_view("0000-00-00T00:00:00.000000Z"), to.begin());
    write_digits(&to[0], 4, static_cast<int>(date.year()));
    write_digits(&to[5], 2, static_cast<unsigned>(date.month()));
    write_digits(&to[8], 2, static_cast<unsigned>(date.day()));
    write_digits(&to[11], 2, micros / 3'600'000'000);
    write_digits(&to[14], 2, micros / 60'000'000 % 60);
    write_digits(&to[17], 2, micros / 1'000'000 % 60);
    write_digits(&to[20], 6, micros % 1'000'000);
}

void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t n = ::write(fd, text.data(), text.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return;  // disk full: serving goes on without a log
        }
        text.remove_prefix(static_cast<std::size_t>(n));
    }
}

}  // namespace

std::string log_line(const http::LogEntry& entry) {
    return hubfs::to_text(entry.at) + ' ' + entry.client + log_tail(entry);
}

std::string log_tail(const http::LogEntry& entry) {
    std::string line = ' ' + entry.method;
    line += ' ' + escaped(entry.path, kPathMax);
    line += ' ' + std::to_string(entry.status);
    line += ' ' + std::to_string(entry.bytes);
    line += ' ' + std::string(http::name_of(entry.cache));
    line += ' ' + std::to_string(entry.milliseconds);
    line += " \"" + escaped(entry.user_agent, kUserAgentMax) + "\"\n";
    return line;
}

std::string log_file_name(hubfs::Instant day) {
    return std::string(kPrefix) + day_text(day) + std::string(kSuffix);
}

bool log_file_expired(std::string_view name, hubfs::Instant oldest) {
    if (name.size() != kPrefix.size() + 10 + kSuffix.size() || !name.starts_with(kPrefix) ||
        !name.ends_with(kSuffix)) {
        return false;
    }
    const std::string_view day = name.substr(kPrefix.size(), 10);
    // Days as text sort like days; the shape is checked so that no other file is taken for ours.
    for (std::size_t i = 0; i < day.size(); ++i) {
        const bool dash = i == 4 || i == 7;
        if (dash ? day[i] != '-' : (day[i] < '0' || day[i] > '9')) {
            return false;
        }
    }
    return day < day_text(oldest);
}

AccessLog::AccessLog(std::string directory, std::chrono::milliseconds keep)
    : directory_(std::move(directory)), keep_(keep) {
    text_.reserve(kTextMax);
    taken_.reserve(kTextMax);
}

hubfs::Result<std::unique_ptr<AccessLog>> AccessLog::open(std::string directory,
                                                          std::chrono::milliseconds keep,
                                                          const hubfs::Clock& clock) {
    std::error_code ignored;  // what matters is whether the file can be opened
    std::filesystem::create_directories(directory, ignored);
    std::unique_ptr<AccessLog> log(new AccessLog(std::move(directory), keep));
    const auto opened = log->turn_to(clock.now());
    if (!opened) {
        return std::unexpected(opened.error());
    }
    log->thread_ = std::thread([raw = log.get()] { raw->run(); });
    return log;
}

AccessLog::~AccessLog() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void AccessLog::record(http::LogEntry entry) {
    {
        const std::scoped_lock lock(mutex_);
        if (queue_.size() >= kQueueMax) {
            ++dropped_;
            return;
        }
        queue_.push_back(std::move(entry));
    }
    wake_.notify_one();
}

std::string AccessLog::tail(const http::LogEntry& entry) const {
    return log_tail(entry);
}

void AccessLog::append(hubfs::Instant at, std::string_view client, std::string_view tail) {
    std::array<char, kTimeBytes> time{};
    write_time(at, time);
    bool first = false;
    {
        const std::scoped_lock lock(mutex_);
        if (text_.size() + time.size() + 1 + client.size() + tail.size() > kTextMax) {
            ++dropped_;
            return;
        }
        first = text_.empty();
        if (first) {
            text_at_ = at;
        }
        text_.append(time.data(), time.size());
        text_ += ' ';
        text_ += client;
        text_ += tail;
    }
    if (first) {
        wake_.notify_one();
    }
}

void AccessLog::flush() {
    std::unique_lock lock(mutex_);
    flushing_ = true;
    wake_.notify_one();
    written_.wait(lock, [this] { return queue_.empty() && text_.empty() && !busy_; });
    flushing_ = false;
}

void AccessLog::run() {
    pthread_setname_np(pthread_self(), "access-log");
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || !queue_.empty() || !text_.empty(); });
        wake_.wait_for(lock, kCollect,
                       [this] { return stopping_ || flushing_ || !queue_.empty(); });
        if (queue_.empty() && text_.empty()) {
            return;
        }
        std::vector<http::LogEntry> batch;
        batch.swap(queue_);
        taken_.swap(text_);
        const hubfs::Instant taken_at = text_at_;
        const std::uint64_t dropped = std::exchange(dropped_, 0);
        busy_ = true;
        lock.unlock();
        write(batch);
        if (!taken_.empty()) {
            write(taken_at, taken_);
            taken_.clear();  // keeps its memory
        }
        if (dropped > 0) {
            hubfs::log::warn("access_log_lines_dropped", {{"lines", dropped}});
        }
        lock.lock();
        busy_ = false;
        written_.notify_all();
    }
}

// Lines of one day are written together.
void AccessLog::write(const std::vector<http::LogEntry>& batch) {
    std::string text;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        text += log_line(batch[i]);
        const bool last = i + 1 == batch.size();
        if (last || text.size() >= kWriteBytes ||
            std::chrono::floor<std::chrono::days>(batch[i + 1].at) !=
                std::chrono::floor<std::chrono::days>(batch[i].at)) {
            write(batch[i].at, text);
            text.clear();
        }
    }
}

void AccessLog::write(hubfs::Instant day, std::string_view text) {
    if (const auto turned = turn_to(day); !turned) {
        hubfs::log::warn("access_log", {{"reason", turned.error().message}});
        return;
    }
    write_all(file_.get(), text);
}

hubfs::Status AccessLog::turn_to(hubfs::Instant day) {
    const auto date = std::chrono::floor<std::chrono::days>(day);
    if (file_.valid() && date == file_day_) {
        return {};
    }
    const std::string name = log_file_name(day);
    const std::string path = directory_ + "/" + name;
    hubfs::Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kFileMode));
    if (!file.valid()) {
        return hubfs::fail(hubfs::Code::io, "log.dir: cannot write " + path + ": " +
                                                std::system_category().message(errno));
    }
    file_ = std::move(file);
    file_day_ = date;
    std::error_code error;
    std::filesystem::directory_iterator entry(directory_, error);
    while (!error && entry != std::filesystem::directory_iterator()) {
        if (log_file_expired(entry->path().filename().string(), day - keep_)) {
            std::error_code ignored;  // tried again tomorrow
            std::filesystem::remove(entry->path(), ignored);
        }
        entry.increment(error);
    }
    return {};
}

}  // namespace httpd::app
