// SPDX-License-Identifier: Apache-2.0
// One program of the node through its life: started, ready, dead and started again, stopped. It
// acts only when the node's loop calls it; it never waits. One thread.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/result.h"
#include "fs/cli/child.h"
#include "fs/cli/line_reader.h"
#include "fs/cli/ready_line.h"

namespace hubfs::cli {

inline constexpr std::chrono::seconds kStartDeadline{60};  // from start to ready
inline constexpr std::chrono::seconds kStopDeadline{30};   // from SIGTERM to SIGKILL
inline constexpr std::chrono::milliseconds kProbeEvery{20};

struct ServiceSpec {
    std::string name;
    std::function<Result<ChildSpec>()> command;  // asked at each start
    // Whether it answers, for a program that prints no ready line. Must be quick.
    std::function<std::optional<ReadyWords>()> probe;
    std::function<void(const ReadyWords&)> on_ready;  // what it announced; may be empty
    bool restarts = false;                            // when it dies after having been ready
    bool zero_ends_all = false;  // exit code 0 is no death: somebody else told it to stop
    bool retries_start = false;  // also when it dies before
    bool whole_group = false;    // its children do not follow it by themselves
    int stopped_exit_code = 0;   // how it ends after SIGTERM, besides 0
};

class Service {
public:
    enum class State { idle, starting, ready, resting, stopping, ended };

    Service(ServiceSpec spec, const Clock& clock) : spec_(std::move(spec)), clock_(clock) {}

    Status start();
    // SIGTERM; SIGKILL when the deadline passes. Does nothing to one that does not run.
    void stop();

    // What the loop calls: its output is readable, its process has ended, time has passed.
    void on_output();
    void on_end();
    void on_time();

    [[nodiscard]] const std::string& name() const { return spec_.name; }
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] const Child& child() const { return child_; }
    [[nodiscard]] bool over() const { return state_ == State::idle || state_ == State::ended; }
    [[nodiscard]] const ReadyWords& words() const { return words_; }
    // When on_time wants to be called next.
    [[nodiscard]] std::optional<Steady> next_time() const;
    // 0 until something went wrong; then what the node's exit code should be.
    [[nodiscard]] int trouble() const { return trouble_; }

private:
    void become_ready(ReadyWords words);
    void give_up(int exit_code);
    void on_unwanted_end(const Ending& ending);

    ServiceSpec spec_;
    const Clock& clock_;
    State state_ = State::idle;
    Child child_;
    LineReader lines_;
    ReadyWords words_;
    bool was_ready_ = false;
    int trouble_ = 0;
    std::vector<Steady> deaths_;
    Steady deadline_{};  // of the present state
};

}  // namespace hubfs::cli
