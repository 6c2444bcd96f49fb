// SPDX-License-Identifier: Apache-2.0
// The access log: one file a day (UTC), access-YYYY-MM-DD.log, deleted after log.keep. A line is
//   TIME CLIENT METHOD PATH STATUS BYTES X-CACHE MILLISECONDS "USER AGENT"
// with the client's address truncated before it comes here, and never a query string or a token.
//
// Thread-safe. A thread of its own writes; when it cannot keep up, lines are dropped and counted
// (a warning in the program's log says how many). Destruction writes what is queued. Lines of
// append() are collected for up to 50 ms and may stand behind later ones of record(); a batch of
// them goes into the file of its first line's day.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "fs/base/fd.h"
#include "fs/base/result.h"
#include "httpd/http/response.h"

namespace httpd::app {

// One line with its line feed. Pure.
[[nodiscard]] std::string log_line(const http::LogEntry& entry);
// What follows the client's address in it, with the line feed. Pure.
[[nodiscard]] std::string log_tail(const http::LogEntry& entry);
// "access-2026-11-21.log"
[[nodiscard]] std::string log_file_name(hubfs::Instant day);
// Whether a file of this name is one of ours and holds only entries from before `oldest`.
[[nodiscard]] bool log_file_expired(std::string_view name, hubfs::Instant oldest);

class AccessLog final : public http::Journal {
public:
    static constexpr std::size_t kQueueMax = 16384;       // lines of record()
    static constexpr std::size_t kTextMax = 1024 * 1024;  // bytes of append()
    static constexpr std::chrono::milliseconds kCollect{50};

    // Makes the directory when it is missing. Code::io with the reason when it cannot be written.
    static hubfs::Result<std::unique_ptr<AccessLog>> open(std::string directory,
                                                          std::chrono::milliseconds keep,
                                                          const hubfs::Clock& clock);
    ~AccessLog() override;
    AccessLog(const AccessLog&) = delete;
    AccessLog& operator=(const AccessLog&) = delete;

    void record(http::LogEntry entry) override;
    [[nodiscard]] std::string tail(const http::LogEntry& entry) const override;
    void append(hubfs::Instant at, std::string_view client, std::string_view tail) override;
    // Returns when everything recorded so far is in the file.
    void flush();

private:
    AccessLog(std::string directory, std::chrono::milliseconds keep);
    void run();
    void write(const std::vector<http::LogEntry>& batch);
    void write(hubfs::Instant day, std::string_view text);
    hubfs::Status turn_to(hubfs::Instant day);  // the file of this day, and no old ones

    const std::string directory_;
    const std::chrono::milliseconds keep_;
    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    std::condition_variable written_;
    std::vector<http::LogEntry> queue_;
    std::string text_;          // lines of append(); its memory is there from the start
    hubfs::Instant text_at_{};  // of the first
    bool flushing_ = false;
    std::uint64_t dropped_ = 0;
    bool busy_ = false;
    bool stopping_ = false;
    // Only the thread's (open() has it before the thread starts).
    std::string taken_;  // changes places with text_
    hubfs::Fd file_;
    std::chrono::sys_days file_day_{};
    std::thread thread_;
};

}  // namespace httpd::app
