// SPDX-License-Identifier: Apache-2.0
#include "fs/supervisor/supervisor.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <optional>
#include <unordered_set>
#include <utility>

#include "fs/base/clock.h"
#include "fs/base/exit_code.h"
#include "fs/base/handle_rows.h"
#include "fs/base/log.h"
#include "fs/supervisor/backing_registry.h"
#include "fs/supervisor/child.h"
#include "fs/supervisor/daemon_process.h"
#include "fs/supervisor/limits.h"
#include "fs/supervisor/restart_policy.h"
#include "fs/supervisor/unmount.h"

namespace hubfs::supervisor {

namespace {

class Supervisor {
public:
    explicit Supervisor(SupervisorConfig config)
        : config_(std::move(config)),
          backing_({.directories = config_.cache_dirs, .owner = geteuid()}, kernel_backing()) {}

    int run();

private:
    [[nodiscard]] bool mount();
    [[nodiscard]] bool start();
    void wait_for_events();
    void on_signals();
    void on_message();
    void reload();
    void on_backing();
    void drop_orphans();
    void on_child(pid_t pid, int status);
    void on_daemon_exit(int status);
    void on_probe_exit(int status);
    void on_tick();
    [[nodiscard]] bool replace_mount_if_gone();
    void begin_stop(int exit_code);
    void end();

    SupervisorConfig config_;
    Clock clock_;
    Fd signals_;
    std::optional<Mounted> mounted_;
    Fd rows_;  // of this connection (fs/base/handle_rows.h)
    BackingRegistry backing_;
    DaemonProcess daemon_;  // pid 0: none
    pid_t probe_ = 0;       // 0: none
    std::uint64_t generation_ = 0;
    RestartPolicy policy_;
    bool reloading_ = false;              // the daemon that runs is being replaced
    Fd program_before_;                   // until the new program is ready; what to go back to
    std::optional<Steady> daemon_ready_;  // since when; the one that runs now
    bool announced_ = false;              // the ready line is out
    bool stopping_ = false;
    std::optional<int> exit_code_;  // set: the loop ends when no daemon is left
    Steady deadline_{};             // of the daemon's start or end, or of the probe
    Steady beat_at_{};              // when the daemon last read a request, or had none to read
    Steady heard_at_{};             // when it last said anything
    Steady ticked_at_{};            // when we last looked
    std::uint64_t beat_ = 0;        // requests it had read
};

// True when the kernel has ended the connection.
bool gone(int device) {
    pollfd look{.fd = device, .events = 0, .revents = 0};
    return poll(&look, 1, 0) == 1 && (look.revents & (POLLERR | POLLHUP)) != 0;
}

bool requests_wait(int device) {
    pollfd look{.fd = device, .events = POLLIN, .revents = 0};
    return poll(&look, 1, 0) == 1 && (look.revents & POLLIN) != 0;
}

Fd take_signals() {
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGCHLD}) {
        sigaddset(&set, signal);
    }
    struct sigaction hangup{};
    sigaction(SIGHUP, nullptr, &hangup);
    if (hangup.sa_handler != SIG_IGN) {  // nohup hubfs: it stays ignored
        sigaddset(&set, SIGHUP);
    }
    sigprocmask(SIG_BLOCK, &set, nullptr);
    return Fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

int Supervisor::run() {
    signals_ = take_signals();
    if (!mount()) {
        return *exit_code_;
    }
    if (!start()) {
        begin_stop(kExitFailed);
    }
    while (!exit_code_ || daemon_.pid != 0) {
        wait_for_events();
    }
    end();
    return *exit_code_;
}

bool Supervisor::mount() {
    Result<Mounted> mounted = mount_hub(config_.mount);
    if (!mounted) {
        log::error("mount_failed", {{"reason", mounted.error().message}});
        exit_code_ = exit_code_for(mounted.error());
        return false;
    }
    mounted_ = std::move(*mounted);
    backing_.forget_all();
    Result<Fd> rows = HandleRows::create();
    if (!rows) {
        log::error("mount_failed", {{"reason", rows.error().message}});
        exit_code_ = kExitFailed;
        mounted_.reset();
        return false;
    }
    rows_ = std::move(*rows);
    return true;
}

bool Supervisor::start() {
    Result<DaemonProcess> daemon = start_daemon({
        .mount_point = config_.mount.path,
        .program = config_.program.get(),
        .device = mounted_->device.get(),
        .config = config_.config.get(),
        .lock = config_.lock.get(),
        .rows = rows_.get(),
        .handover = {.flags = mounted_->init.flags,
                     .max_readahead = mounted_->init.max_readahead,
                     .resend = mounted_->init.resend,
                     .passthrough = mounted_->init.passthrough,
                     .generation = generation_++},
    });
    if (!daemon) {
        log::error("daemon_not_started", {{"reason", daemon.error().message}});
        return false;
    }
    daemon_ = std::move(*daemon);
    daemon_ready_.reset();
    deadline_ = clock_.steady() + kReadyDeadline;
    beat_ = 0;
    beat_at_ = clock_.steady();
    heard_at_ = beat_at_;
    return true;
}

void Supervisor::wait_for_events() {
    // A negative descriptor is skipped by poll.
    const bool channel_open = daemon_.channel.valid();
    const bool backing_open = daemon_.backing.valid();
    std::array<pollfd, 3> waits{
        pollfd{.fd = signals_.get(), .events = POLLIN, .revents = 0},
        pollfd{.fd = channel_open ? daemon_.channel.get() : -1, .events = POLLIN, .revents = 0},
        pollfd{.fd = backing_open ? daemon_.backing.get() : -1, .events = POLLIN, .revents = 0}};
    const std::chrono::milliseconds tick = kTick;
    if (poll(waits.data(), waits.size(), static_cast<int>(tick.count())) < 0 && errno != EINTR) {
        log::error("poll_failed", {{"errno", std::strerror(errno)}});
    }
    if (waits[2].revents != 0) {
        on_backing();
    }
    if (waits[1].revents != 0) {
        on_message();  // before the exit that may follow it
    }
    if (waits[0].revents != 0) {
        on_signals();
    }
    on_tick();
}

void Supervisor::on_signals() {
    signalfd_siginfo info{};
    while (read(signals_.get(), &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGCHLD) {
            continue;
        }
        log::info("signal", {{"number", info.ssi_signo}, {"from", info.ssi_pid}});
        if (stopping_ && daemon_.pid != 0) {
            kill(daemon_.pid, SIGKILL);  // asked twice: now
        }
        begin_stop(kExitOk);
    }
    int status = 0;
    for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        on_child(pid, status);
    }
}

void Supervisor::on_message() {
    std::array<char, kMessageBytesMax> text{};
    const ssize_t length = recv(daemon_.channel.get(), text.data(), text.size(), MSG_DONTWAIT);
    if (length <= 0) {
        if (length == 0 || (errno != EAGAIN && errno != EINTR)) {
            daemon_.channel.reset();  // it is ending; SIGCHLD follows
        }
        return;
    }
    const std::string_view message(text.data(), static_cast<std::size_t>(length));
    if (message == kReady) {
        daemon_ready_ = clock_.steady();
        program_before_.reset();
        log::info("daemon_ready", {{"pid", daemon_.pid}, {"generation", generation_ - 1}});
        if (!announced_ && !stopping_ && probe_ == 0) {
            const Result<pid_t> probe = start_probe(config_.mount.path, mounted_->device.get());
            if (!probe) {
                log::error("probe_not_started", {{"reason", probe.error().message}});
                begin_stop(kExitFailed);
                return;
            }
            probe_ = *probe;
            deadline_ = clock_.steady() + kProbeDeadline;
        }
    } else if (message == kStop) {
        log::info("stop_asked");
        begin_stop(kExitOk);
    } else if (message == kReload) {
        reload();
    } else if (message.starts_with(kBeatPrefix)) {
        std::uint64_t received = 0;
        std::from_chars(text.data() + kBeatPrefix.size(), text.data() + length, received);
        heard_at_ = clock_.steady();
        if (received != beat_) {
            beat_ = received;
            beat_at_ = clock_.steady();
        }
    }
}

// The daemon has made durable what it knew. It is killed and not asked to end, so that it answers
// nobody with an error: who waits is handed to the next one, which is the way of every death.
void Supervisor::reload() {
    if (stopping_ || reloading_ || !daemon_ready_ || !mounted_->init.resend) {
        return;
    }
    Result<Fd> program = open_program(config_.program_path);
    if (!program) {
        log::error("reload_refused", {{"reason", program.error().message}});
        return;
    }
    log::info("reloading", {{"program", config_.program_path}});
    program_before_ = std::exchange(config_.program, std::move(*program));
    reloading_ = true;
    kill(daemon_.pid, SIGKILL);
}

void Supervisor::on_backing() {
    if (!backing_.serve(daemon_.backing.get(), mounted_->device.get())) {
        daemon_.backing.reset();
    }
}

// What the dead daemon had registered and not yet told the kernel, or not yet let go.
void Supervisor::drop_orphans() {
    const Result<HandleRows> rows = HandleRows::map(rows_);
    if (!rows) {
        log::error("open_files_unknown", {{"reason", rows.error().message}});
        return;
    }
    std::unordered_set<std::uint64_t> nodes;
    for (const HandleRow& row : rows->all()) {
        if (row.backing_id != 0) {
            nodes.insert(row.node);
        }
    }
    backing_.keep_only(nodes, mounted_->device.get());
}

void Supervisor::on_child(pid_t pid, int status) {
    if (pid == daemon_.pid) {
        on_daemon_exit(status);
    } else if (pid == probe_) {
        on_probe_exit(status);
    }
}

void Supervisor::on_probe_exit(int status) {
    probe_ = 0;
    if (stopping_ || announced_) {
        return;
    }
    if (status != 0) {
        log::error("mount_does_not_answer", {{"mount", config_.mount.path}});
        begin_stop(kExitFailed);
        return;
    }
    announced_ = true;
    std::printf("ready mount=%s\n", config_.shown.c_str());
    std::fflush(stdout);
}

void Supervisor::on_daemon_exit(int status) {
    const pid_t pid = std::exchange(daemon_.pid, 0);
    daemon_.channel.reset();
    daemon_.backing.reset();
    if (stopping_) {
        return;
    }
    const bool replaced = std::exchange(reloading_, false);
    if (!replaced) {
        log::warn("daemon_died", {{"pid", pid}, {"status", describe_status(status)}});
    }
    const bool never_ready = generation_ == 1 && !daemon_ready_;
    if (never_ready && WIFEXITED(status)) {
        // It said why on standard error; trying again would not change it.
        const int code = WEXITSTATUS(status);
        begin_stop(code == kExitOk ? kExitFailed : code);
        return;
    }
    if (!replaced && program_before_.valid()) {
        log::error("reload_failed",
                   {{"reason", "the new program was never ready"}, {"now", "the one before"}});
        config_.program = std::move(program_before_);
    }
    if (!replaced && !policy_.died(clock_.steady(), daemon_ready_,
                                   WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)) {
        log::error("daemon_dies_too_often", {{"generation", generation_ - 1}});
        begin_stop(kExitFailed);
        return;
    }
    if (!replace_mount_if_gone() || !start()) {
        begin_stop(kExitFailed);
    }
}

// After a death: the same connection goes on when it lives and the kernel can resend. Otherwise the
// mount is made anew; who waits in the old one gets an error, never a hang.
bool Supervisor::replace_mount_if_gone() {
    const bool lost = gone(mounted_->device.get());
    if (!lost && mounted_->init.resend) {
        drop_orphans();
        return true;
    }
    const Result<bool> here = mounted_here(config_.mount.path);
    if (lost && here && !*here) {
        log::error("unmounted_by_somebody", {{"mount", config_.mount.path}});
        return false;
    }
    log::warn("mounting_anew", {{"mount", config_.mount.path},
                                {"reason", lost ? "connection aborted" : "no resend"}});
    if (Result<int> cleared = clear_stale(config_.mount.path); !cleared) {
        log::error("unmount_failed", {{"reason", cleared.error().message}});
        return false;
    }
    mounted_.reset();
    if (!mount()) {
        exit_code_.reset();  // begin_stop() sets it
        return false;
    }
    return true;
}

void Supervisor::on_tick() {
    const Steady now = clock_.steady();
    if (daemon_.pid == 0) {
        return;
    }
    const bool starting = !daemon_ready_ || (probe_ != 0 && !announced_);
    if ((starting || stopping_) && now > deadline_) {
        log::error("deadline_passed", {{"of", stopping_ ? "stop" : "start"}});
        kill(daemon_.pid, SIGKILL);
        deadline_ = now + kHelperDeadline;
        if (!stopping_ && daemon_ready_) {
            begin_stop(kExitFailed);  // it says ready and does not answer
        }
        return;
    }
    if (!daemon_ready_ || stopping_) {
        return;
    }
    if (now - std::exchange(ticked_at_, now) > kOverslept) {
        beat_at_ = heard_at_ = now;  // we were stopped ourselves, and it perhaps with us
    } else if (!requests_wait(mounted_->device.get())) {
        beat_at_ = now;
    }
    // It leaves requests unread (a deadlock), or says nothing at all (it is stopped, and may hold
    // requests that it has read).
    if (now - std::min(beat_at_, heard_at_) > kHangDeadline) {
        log::error("daemon_hangs", {{"pid", daemon_.pid}});
        kill(daemon_.pid, SIGKILL);
        beat_at_ = heard_at_ = now;
    }
}

// The name goes first, lazily: nobody new comes in, who is inside may finish.
void Supervisor::begin_stop(int exit_code) {
    if (stopping_) {
        return;
    }
    stopping_ = true;
    exit_code_ = exit_code;
    deadline_ = clock_.steady() + kStopDeadline;
    const Result<bool> here = mounted_here(config_.mount.path);
    if (here && *here) {
        if (Status done = detach(config_.mount.path); !done) {
            log::error("unmount_failed", {{"reason", done.error().message}});
        }
    }
    if (daemon_.pid != 0) {
        kill(daemon_.pid, SIGTERM);
    }
}

void Supervisor::end() {
    if (probe_ != 0) {
        kill(probe_, SIGKILL);
    }
    mounted_.reset();  // the connection ends: who is still inside gets ENOTCONN
    const Result<int> left = clear_stale(config_.mount.path);
    if (!left) {
        log::error("unmount_failed", {{"reason", left.error().message}});
        exit_code_ = kExitFailed;
    }
    log::info("stopped", {{"exit", *exit_code_}});
}

}  // namespace

int supervise(SupervisorConfig config) {
    return Supervisor(std::move(config)).run();
}

}  // namespace hubfs::supervisor
