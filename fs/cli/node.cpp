// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/node.h"

#include <poll.h>

#include <algorithm>
#include <span>
#include <utility>

#include "fs/base/exit_code.h"
#include "fs/base/log.h"

namespace hubfs::cli {
namespace {}  // namespace

Node::Node(std::vector<ServiceSpec> specs, NodeHooks hooks, const Clock& clock)
    : hooks_(std::move(hooks)), clock_(clock) {
    for (ServiceSpec& spec : specs) {
        services_.push_back(std::make_unique<Service>(std::move(spec), clock));
    }
}

int Node::run() {
    start(*services_.front());
    while (!over()) {
        wait();
        look_after();
    }
    return exit_code_;
}

bool Node::over() const {
    return std::ranges::all_of(services_, [](const auto& service) { return service->over(); }) &&
           (stopping_ || exit_code_ != 0);
}

void Node::start(Service& service) {
    const auto started = service.start();
    if (!started) {
        const Error& error = started.error();
        log::error("not_started", {{"program", service.name()}, {"reason", error.message}});
        const bool missing = error.code == Code::not_found || error.code == Code::unsupported;
        begin_stop(missing ? kExitPrerequisite : kExitFailed);
    }
}

// The first trouble decides the exit code; what follows from it does not.
void Node::begin_stop(int exit_code) {
    if (exit_code_ == 0) {
        exit_code_ = exit_code;
    }
    if (stopping_) {
        return;
    }
    stopping_ = true;
    for (std::size_t i = 1; i < services_.size(); ++i) {
        services_[i]->stop();
    }
    stop_mount_when_alone();
}

// Whoever still reads through the mount is never cut off by us.
void Node::stop_mount_when_alone() {
    const auto ended = [](const auto& service) { return service->over(); };
    if (std::ranges::all_of(std::span(services_).subspan(1), ended)) {
        services_.front()->stop();
    }
}

int Node::timeout_ms() const {
    constexpr std::chrono::milliseconds kLongest{60'000};
    auto wait = kLongest;
    for (const auto& service : services_) {
        if (const auto at = service->next_time()) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(*at - clock_.steady());
            wait = std::clamp(left, std::chrono::milliseconds(0), wait);
        }
    }
    return static_cast<int>(wait.count());
}

void Node::wait() {
    std::vector<pollfd> fds;
    std::vector<std::function<void()>> actions;
    const auto watch = [&](int fd, std::function<void()> action) {
        if (fd >= 0) {
            fds.push_back({fd, POLLIN, 0});
            actions.push_back(std::move(action));
        }
    };
    watch(hooks_.stop_fd, [this] {
        hooks_.on_stop_readable();
        begin_stop(0);
    });
    watch(hooks_.log_fd, hooks_.on_log_readable);
    for (const auto& service : services_) {
        Service* const one = service.get();
        watch(one->child().out_fd(), [one] { one->on_output(); });
        watch(one->child().end_fd(), [one] { one->on_end(); });
    }
    if (::poll(fds.data(), fds.size(), timeout_ms()) > 0) {
        // An end closes its own output: the entry before it has been handled by then.
        for (std::size_t i = 0; i < fds.size(); ++i) {
            if (fds[i].revents != 0) {
                actions[i]();
            }
        }
    }
    for (const auto& service : services_) {
        service->on_time();
    }
}

// What follows from the states the programs are in now.
void Node::look_after() {
    for (const auto& service : services_) {
        if (service->trouble() != 0) {
            begin_stop(service->trouble());
        }
    }
    Service& mount = *services_.front();
    const auto rest = std::span(services_).subspan(1);
    if (stopping_) {
        stop_mount_when_alone();
        return;
    }
    using enum Service::State;
    if (mount.state() != ready) {
        return;
    }
    for (const auto& service : rest) {
        if (service->state() == idle && !stopping_) {
            start(*service);
        }
    }
    const auto is_ready = [](const auto& service) { return service->state() == ready; };
    if (!said_ready_ && std::ranges::all_of(services_, is_ready)) {
        said_ready_ = true;
        ReadyWords words;
        for (const auto& service : services_) {
            words.insert(words.end(), service->words().begin(), service->words().end());
        }
        hooks_.on_ready(ready_text(words));
    }
}

}  // namespace hubfs::cli
