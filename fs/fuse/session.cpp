// SPDX-License-Identifier: Apache-2.0
#include "fs/fuse/session.h"

#include <linux/fuse.h>
#include <pthread.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "fs/fuse/context.h"
#include "fs/fuse/libfuse.h"
#include "fs/fuse/notifier.h"
#include "fs/fuse/request_number.h"

namespace hubfs::fuse {

namespace {

// Interrupts a worker's read(). Any signal with a handler would do.
constexpr int kWakeSignal = SIGUSR1;

void log_libfuse(enum fuse_log_level level, const char* format, va_list arguments) {
    std::array<char, 512> text{};
    const int length = std::vsnprintf(text.data(), text.size(), format, arguments);
    std::string_view line(text.data(), strnlen(text.data(), text.size()));
    while (length > 0 && line.ends_with('\n')) {
        line.remove_suffix(1);
    }
    log::write(level <= FUSE_LOG_WARNING ? log::Level::warn : log::Level::debug, "libfuse",
               {{"text", line}});
}

// What libfuse would ask the kernel for is cut down to what the supervisor was granted.
void negotiate(void* /*context*/, fuse_conn_info* conn) {
    conn->want &= FUSE_CAP_ASYNC_READ | FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_READDIRPLUS |
                  FUSE_CAP_EXPLICIT_INVAL_DATA;
    conn->max_read = kReadBytesMax;
}

ssize_t send_reply(int fd, iovec* parts, int count, void* /*context*/) {
    fuse_out_header header{};
    if (count > 0 && parts[0].iov_len >= sizeof header) {
        std::memcpy(&header, parts[0].iov_base, sizeof header);
    }
    if (header.unique == kInitUnique) {  // the kernel has its answer already
        ssize_t all = 0;
        for (int i = 0; i < count; ++i) {
            all += static_cast<ssize_t>(parts[i].iov_len);
        }
        return all;
    }
    return ::writev(fd, parts, count);
}

// Never called: the workers read by themselves. libfuse insists on having it.
ssize_t receive(int fd, void* buffer, std::size_t size, void* /*context*/) {
    return ::read(fd, buffer, size);
}

struct SessionDeleter {
    void operator()(fuse_session* session) const { fuse_session_destroy(session); }
};

class LiveSession final : public Session {
public:
    LiveSession(SessionConfig config, HandleRows rows, tree::Filesystem& filesystem)
        : config_(config),
          context_(filesystem, Owner{geteuid(), getegid()}, config.generation, std::move(rows),
                   config.backing) {}

    ~LiveSession() override {
        stop_reading();
        const std::uint64_t left = context_.counters.in_flight.load();
        if (left != 0) {
            log::error("fuse_requests_left", {{"requests", left}});
        }
    }

    Status connect(Fd device);
    Status start(std::move_only_function<void()> gone) override;
    void invalidate_name(tree::Ino parent, std::string name) override {
        notifier_.push({parent, std::move(name)});
    }
    void invalidate_pages(tree::Ino ino) override { notifier_.push({ino, {}}); }
    [[nodiscard]] std::vector<tree::Ino> kept_inodes() const override {
        return context_.kept.all();
    }
    void stop_notifications() override { notifier_.stop(); }
    bool drain(std::chrono::milliseconds at_most) override;
    void stop_reading() override;
    void close_handles() override {
        context_.files.clear();
        context_.directories.clear();
    }
    [[nodiscard]] std::uint64_t received() const override {
        return context_.counters.received.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::string stats_json() const override;

private:
    struct Worker {
        std::thread thread;
        std::atomic<bool> done{false};
    };

    void work(Worker& self);
    // False when there is nothing more to read.
    bool take_one(std::vector<char>& buffer);
    void notify(const Notification& notification);

    const SessionConfig config_;
    Context context_;
    std::unique_ptr<fuse_session, SessionDeleter> session_;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> gone_told_{false};
    std::move_only_function<void()> gone_;
    std::vector<std::unique_ptr<Worker>> workers_;
    // Last, so that it ends before what it sends through.
    Notifier notifier_{[this](const Notification& each) { notify(each); }, context_.counters};
};

Status LiveSession::connect(Fd device) {
    const std::string max_read = "max_read=" + std::to_string(kReadBytesMax);
    std::array<const char*, 3> words{"hubfs", "-o", max_read.c_str()};
    fuse_args args{};
    args.argc = static_cast<int>(words.size());
    args.argv = const_cast<char**>(words.data());  // libfuse copies before it changes anything
    fuse_lowlevel_ops ops = operations();
    ops.init = negotiate;
    fuse_set_log_func(log_libfuse);
    session_.reset(fuse_session_new(&args, &ops, sizeof ops, &context_));
    fuse_opt_free_args(&args);
    if (!session_) {
        return fail(Code::io, "libfuse refused to make a session");
    }
    fuse_custom_io io{};
    io.writev = send_reply;
    io.read = receive;
    if (const int error = fuse_session_custom_io(session_.get(), &io, device.get()); error != 0) {
        return fail(Code::io, std::string("fuse_session_custom_io: ") + std::strerror(-error));
    }
    std::ignore = device.release();  // libfuse closes it with the session
    std::vector<std::byte> init = synthetic_init(config_.granted);
    fuse_buf request{};
    request.mem = init.data();
    request.size = init.size();
    fuse_session_process_buf(session_.get(), &request);
    if (fuse_session_exited(session_.get()) != 0) {
        return fail(Code::io, "libfuse refused the INIT that was granted");
    }
    return {};
}

Status LiveSession::start(std::move_only_function<void()> gone) {
    gone_ = std::move(gone);
    struct sigaction wake{};
    wake.sa_handler = [](int) {};  // without SA_RESTART: read() returns EINTR
    sigaction(kWakeSignal, &wake, nullptr);
    if (config_.granted.resend && config_.generation > 0) {
        // As late as can be: asked for while nobody reads, a caller killed meanwhile would take
        // back a request that the kernel then counts as delivered.
        const std::vector<std::byte> ask = resend_notification();
        if (::write(fuse_session_fd(session_.get()), ask.data(), ask.size()) < 0) {
            return fail(Code::io, std::string("FUSE_NOTIFY_RESEND: ") + std::strerror(errno));
        }
    }
    for (std::size_t i = 0; i < config_.workers; ++i) {
        workers_.push_back(std::make_unique<Worker>());
        Worker& worker = *workers_.back();
        worker.thread = std::thread([this, &worker] { work(worker); });
    }
    return {};
}

void LiveSession::work(Worker& self) {
    pthread_setname_np(pthread_self(), "fuse-worker");
    // Written through before the first read: a kill while the kernel copies into a page that is
    // not there yet ends that request with EIO.
    std::vector<char> buffer(kRequestBytes, 0);
    while (!stopping_.load(std::memory_order_relaxed) && take_one(buffer)) {
    }
    self.done = true;
}

bool LiveSession::take_one(std::vector<char>& buffer) {
    const ssize_t length = ::read(fuse_session_fd(session_.get()), buffer.data(), buffer.size());
    if (length < 0 && (errno == EINTR || errno == EAGAIN || errno == ENOENT)) {
        return true;  // a signal, or a request that its caller took back
    }
    if (length <= 0) {
        if (length < 0 && errno != ENODEV) {
            log::error("fuse_read_failed", {{"errno", std::strerror(errno)}});
        }
        if (!gone_told_.exchange(true)) {
            gone_();
        }
        return false;
    }
    context_.counters.received.fetch_add(1, std::memory_order_relaxed);
    fuse_in_header header{};
    std::memcpy(&header, buffer.data(), std::min(sizeof header, static_cast<std::size_t>(length)));
    request_number = header.unique & ~kResentBit;
    fuse_buf request{};
    request.mem = buffer.data();
    request.size = static_cast<std::size_t>(length);
    fuse_session_process_buf(session_.get(), &request);
    return true;
}

void LiveSession::notify(const Notification& each) {
    // ENOENT: the kernel does not hold it, which is what was wanted.
    const int result = each.name.empty()
                           ? fuse_lowlevel_notify_inval_inode(session_.get(), each.ino.value, 0, 0)
                           : fuse_lowlevel_notify_inval_entry(session_.get(), each.ino.value,
                                                              each.name.c_str(), each.name.size());
    if (result != 0 && result != -ENOENT) {
        log::warn("fuse_invalidation_failed",
                  {{"ino", each.ino.value}, {"errno", std::strerror(-result)}});
    }
}

bool LiveSession::drain(std::chrono::milliseconds at_most) {
    const auto until = std::chrono::steady_clock::now() + at_most;
    while (context_.counters.in_flight.load() != 0) {
        if (std::chrono::steady_clock::now() >= until) {
            return false;
        }
        std::this_thread::sleep_for(kWakeInterval);
    }
    return true;
}

void LiveSession::stop_reading() {
    stopping_ = true;
    for (const auto& worker : workers_) {
        // Again and again: a signal that comes just before the read() is lost.
        while (!worker->done.load()) {
            pthread_kill(worker->thread.native_handle(), kWakeSignal);
            std::this_thread::sleep_for(kWakeInterval / 4);
        }
        worker->thread.join();
    }
    workers_.clear();
}

std::string LiveSession::stats_json() const {
    const Counters& counters = context_.counters;
    std::string json = "{\"received\":" + std::to_string(counters.received.load());
    const auto add = [&](std::string_view key, std::uint64_t value) {
        json.append(",\"").append(key).append("\":").append(std::to_string(value));
    };
    add("in_flight", counters.in_flight.load());
    add("interrupted", counters.interrupted.load());
    add("bytes_read", counters.bytes_read.load());
    add("notified", counters.notified.load());
    add("notify_dropped", counters.notify_dropped.load());
    add("open_files", context_.open_files.size());
    add("passed_through", context_.open_files.passed_through());
    add("passthrough_opens", counters.passthrough_opens.load());
    add("passthrough_refused", counters.passthrough_refused.load());
    add("open_directories", context_.directories.size());
    add("generation", config_.generation);
    json += ",\"ops\":{";
    for (std::size_t i = 0; i < kOps; ++i) {
        const auto op = static_cast<Op>(i);
        json.append(i == 0 ? "\"" : ",\"").append(name_of(op));
        json.append("\":{\"requests\":").append(std::to_string(counters.of(op).requests.load()));
        json.append(",\"errors\":").append(std::to_string(counters.of(op).errors.load()));
        json += "}";
    }
    return json + "}}";
}

}  // namespace

Result<std::unique_ptr<Session>> Session::open(SessionConfig config, Fd device, HandleRows rows,
                                               tree::Filesystem& filesystem) {
    auto session = std::make_unique<LiveSession>(config, std::move(rows), filesystem);
    if (Status connected = session->connect(std::move(device)); !connected) {
        return std::unexpected(std::move(connected.error()));
    }
    return session;
}

}  // namespace hubfs::fuse
