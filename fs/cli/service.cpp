// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/service.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "fs/base/exit_code.h"
#include "fs/base/log.h"
#include "fs/cli/restart_policy.h"

namespace hubfs::cli {
namespace {}  // namespace

Status Service::start() {
    const auto command = spec_.command();
    if (!command) {
        return std::unexpected(command.error());
    }
    auto child = Child::start(*command);
    if (!child) {
        return std::unexpected(child.error());
    }
    child_ = std::move(*child);
    lines_ = LineReader();
    state_ = State::starting;
    deadline_ = clock_.steady() + kStartDeadline;
    return {};
}

void Service::stop() {
    if (state_ == State::resting || state_ == State::idle) {
        state_ = State::ended;
    }
    if (over() || state_ == State::stopping) {
        return;
    }
    state_ = State::stopping;
    deadline_ = clock_.steady() + kStopDeadline;
    child_.send(SIGTERM, spec_.whole_group);
}

void Service::become_ready(ReadyWords words) {
    if (state_ != State::starting) {
        return;
    }
    state_ = State::ready;
    if (was_ready_) {
        log::info("restarted", {{"program", spec_.name}, {"pid", child_.pid()}});
    }
    was_ready_ = true;
    words_ = std::move(words);
    if (spec_.on_ready) {
        spec_.on_ready(words_);
    }
}

void Service::on_output() {
    const bool open = lines_.read(child_.out_fd(), [this](std::string_view line) {
        auto words = spec_.probe ? std::nullopt : parse_ready(line);
        if (words) {
            become_ready(std::move(*words));
        } else {
            log::info("said", {{"program", spec_.name}, {"line", line}});
        }
    });
    if (!open) {
        child_.close_out();
    }
}

void Service::on_end() {
    if (child_.out_fd() >= 0) {
        on_output();  // its last words
    }
    child_.close_out();
    const Ending ending = child_.reap();
    if (state_ != State::stopping) {
        on_unwanted_end(ending);
        return;
    }
    state_ = State::ended;
    const bool orderly = ending.signal == 0 &&
                         (ending.exit_code == 0 || ending.exit_code == spec_.stopped_exit_code);
    if (!orderly) {
        log::error("stopped_badly", {{"program", spec_.name}, {"how", ending.text()}});
        trouble_ = 1;
    }
}

void Service::give_up(int exit_code) {
    state_ = State::ended;
    trouble_ = exit_code;
}

void Service::on_unwanted_end(const Ending& ending) {
    log::error("died", {{"program", spec_.name}, {"how", ending.text()}});
    if (!was_ready_ && (ending.exit_code == kExitUsage || ending.exit_code == kExitPrerequisite)) {
        give_up(ending.exit_code);
        return;
    }
    const bool told = spec_.zero_ends_all && ending.signal == 0 && ending.exit_code == 0;
    if (told || !(was_ready_ ? spec_.restarts : spec_.retries_start)) {
        give_up(1);
        return;
    }
    deaths_.push_back(clock_.steady());
    const auto delay = restart_delay(deaths_);
    if (!delay) {
        log::error("given_up", {{"program", spec_.name}, {"deaths", deaths_.size()}});
        give_up(1);
        return;
    }
    if (deaths_.size() > static_cast<std::size_t>(kRestartsMax)) {
        deaths_.erase(deaths_.begin());  // the window needs no more
    }
    state_ = State::resting;
    deadline_ = clock_.steady() + *delay;
}

void Service::on_time() {
    if (state_ == State::starting && spec_.probe) {
        if (auto words = spec_.probe()) {
            become_ready(std::move(*words));
            return;
        }
    }
    if (over() || state_ == State::ready || clock_.steady() < deadline_) {
        return;
    }
    if (state_ == State::resting) {
        const auto started = start();
        if (!started) {
            log::error("not_restarted",
                       {{"program", spec_.name}, {"reason", started.error().message}});
            give_up(1);
        }
        return;
    }
    log::error(state_ == State::starting ? "not_ready" : "not_stopped", {{"program", spec_.name}});
    child_.send(SIGKILL, true);
    deadline_ = clock_.steady() + kStopDeadline;  // its end is reported soon
}

std::optional<Steady> Service::next_time() const {
    switch (state_) {
        case State::idle:
        case State::ready:
        case State::ended: return std::nullopt;
        case State::starting:
            return spec_.probe ? std::min(deadline_, clock_.steady() + kProbeEvery) : deadline_;
        case State::resting:
        case State::stopping: return deadline_;
    }
    return std::nullopt;
}

}  // namespace hubfs::cli
