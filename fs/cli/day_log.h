// SPDX-License-Identifier: Apache-2.0
// A log with one file a day, NAME-YYYY-MM-DD.log by UTC, whose old files are deleted by their
// names. One thread. Writing never fails the caller: a disk that is full loses lines and says so
// once in the program's own log.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/fd.h"

namespace hubfs::cli {

// "rsync-2026-11-21.log"
[[nodiscard]] std::string day_file_name(std::string_view name, Instant at);

// Those of `files` that are logs of `name` and whose day ended longer than `keep` ago.
[[nodiscard]] std::vector<std::string> expired_day_files(const std::vector<std::string>& files,
                                                         std::string_view name, Instant now,
                                                         std::chrono::milliseconds keep);

class DayLog {
public:
    DayLog(std::string dir, std::string name, std::chrono::milliseconds keep, const Clock& clock)
        : dir_(std::move(dir)), name_(std::move(name)), keep_(keep), clock_(clock) {}

    // One line; the newline is added. Opens the day's file and deletes old ones when the day is
    // new.
    void write(std::string_view line);
    // Deletes old files now: at the start, before anything is served.
    void expire();

private:
    void open_day(const std::string& file_name);

    std::string dir_;
    std::string name_;
    std::chrono::milliseconds keep_;
    const Clock& clock_;
    std::string open_name_;
    Fd file_;
    bool failing_ = false;
};

}  // namespace hubfs::cli
