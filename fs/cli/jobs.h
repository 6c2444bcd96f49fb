// SPDX-License-Identifier: Apache-2.0
// `hf-mirror prefetch`, `verify`, `evict`, `follow`, `jobs`, `cancel`, `pins`, `unpin`, `follows`
// and `unfollow`: work inside the running hubfs. A command only starts it and shows how it goes: a
// line that is written over on a terminal, plain lines elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "fs/base/options.h"
#include "fs/base/result.h"
#include "fs/cli/arguments.h"

namespace hubfs::cli {

// The line for the control socket; invalid for an id that is none.
[[nodiscard]] Result<std::string> job_question(const JobArguments& arguments);

// A job as the daemon tells it.
struct JobLine {
    std::uint64_t id = 0;
    std::string kind, what, state, error;
    std::uint64_t files = 0, files_total = 0, files_failed = 0;
    std::uint64_t files_damaged = 0, files_repaired = 0;
    std::uint64_t bytes = 0, bytes_total = 0;
    std::vector<std::string> damaged{};  // names of some of them
};
// The jobs of {"jobs":[…]}; Code::invalid for anything else.
[[nodiscard]] Result<std::vector<JobLine>> jobs_from(std::string_view answer);

// "3/20 files, 1.2 GiB of 4.0 GiB, 110.0 MiB/s, 0:26 left". `rate`: bytes a second, 0: not known.
[[nodiscard]] std::string progress_text(const JobLine& job, double rate);

// They ask and print; each returns the exit code.
int run_job(const Options& options, const JobArguments& arguments);
int run_jobs(const Options& options, bool json);
int run_cancel(const Options& options, std::uint64_t job);
int run_pins(const Options& options, bool json);
int run_follows(const Options& options, bool json);
int run_end(const Options& options, const JobArguments& arguments);  // unpin, unfollow

}  // namespace hubfs::cli
