// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/transfer_loop.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fs/base/log.h"
#include "fs/upstream/curl_handles.h"
#include "fs/upstream/exchange.h"
#include "fs/upstream/limits.h"

namespace hubfs::upstream {

class TransferLoop::Impl {
public:
    Impl(LoopConfig config, const Clock& clock) : config_(std::move(config)), clock_(clock) {}
    ~Impl() { stop({}); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Status open();
    bool post(Job job);
    void stop(Job last);
    Result<Id> start_exchange(const ExchangeRequest& request,
                              std::shared_ptr<ExchangeEvents> events);
    void stop_exchange(Id id);
    Id at(Steady when, Job job);
    void cancel_timer(Id id);
    [[nodiscard]] std::uint64_t connections_made() const { return connections_made_; }

private:
    void run();
    bool run_posted();  // false: stop() was called and nothing is left
    void run_timers();
    void run_exchanges();
    [[nodiscard]] std::vector<CURL*> hand_on_all();
    void finish(Exchange& exchange, CURLcode code);
    [[nodiscard]] int pause_ms() const;
    std::unique_ptr<Exchange> take(CURL* handle);
    // A job of ours must not throw; if memory runs out in one, the others go on.
    static void run_job(Job& job);

    const LoopConfig config_;
    const Clock& clock_;
    CurlGlobal global_;
    CurlMulti multi_;

    std::mutex mutex_;  // guards the next two
    std::vector<Job> posted_;
    bool stopping_ = false;

    // The loop thread's own.
    Id last_id_ = 0;
    bool inside_curl_ = false;
    std::unordered_map<Id, std::unique_ptr<Exchange>> exchanges_;
    std::map<std::pair<Steady, Id>, Job> timers_;
    std::unordered_map<Id, Steady> timer_times_;
    std::atomic<std::uint64_t> connections_made_{0};

    std::thread thread_;  // last: it uses all of the above
};

Status TransferLoop::Impl::open() {
    multi_.reset(global_.ok() ? curl_multi_init() : nullptr);
    if (!multi_) {
        return fail(Code::io, "curl: cannot start");
    }
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS,
                      static_cast<long>(config_.connections_kept));
    curl_multi_setopt(multi_.get(), CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_MULTIPLEX));
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "upstream");
        run();
    });
    return {};
}

bool TransferLoop::Impl::post(Job job) {
    {
        const std::scoped_lock lock(mutex_);
        if (stopping_) {
            return false;
        }
        posted_.push_back(std::move(job));
    }
    curl_multi_wakeup(multi_.get());
    return true;
}

void TransferLoop::Impl::stop(Job last) {
    {
        const std::scoped_lock lock(mutex_);
        if (stopping_ || !thread_.joinable()) {
            return;
        }
        if (last) {
            posted_.push_back(std::move(last));
        }
        stopping_ = true;
    }
    curl_multi_wakeup(multi_.get());
    thread_.join();
}

void TransferLoop::Impl::run() {
    while (run_posted()) {
        run_timers();
        run_exchanges();
        curl_multi_poll(multi_.get(), nullptr, 0, pause_ms(), nullptr);
    }
    timers_.clear();
    for (const auto& [id, exchange] : exchanges_) {
        curl_multi_remove_handle(multi_.get(), exchange->handle());
    }
    exchanges_.clear();
}

bool TransferLoop::Impl::run_posted() {
    std::vector<Job> jobs;
    bool stopping = false;
    {
        const std::scoped_lock lock(mutex_);
        jobs.swap(posted_);
        stopping = stopping_;
    }
    for (Job& job : jobs) {
        run_job(job);
    }
    return !stopping;
}

void TransferLoop::Impl::run_timers() {
    const Steady now = clock_.steady();
    while (!timers_.empty() && timers_.begin()->first.first <= now) {
        auto timer = timers_.extract(timers_.begin());
        timer_times_.erase(timer.key().second);
        run_job(timer.mapped());
    }
}

void TransferLoop::Impl::run_exchanges() {
    int running = 0;
    inside_curl_ = true;
    curl_multi_perform(multi_.get(), &running);
    const std::vector<CURL*> refused = hand_on_all();
    inside_curl_ = false;
    for (CURL* const handle : refused) {
        if (const auto exchange = take(handle)) {
            finish(*exchange, CURLE_WRITE_ERROR);
        }
    }
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        const CURLcode code = message->data.result;
        if (const auto exchange = take(message->easy_handle)) {
            finish(*exchange, code);
        }
    }
}

// What has been read goes to its owners. Returns those that want no more.
std::vector<CURL*> TransferLoop::Impl::hand_on_all() {
    std::vector<CURL*> refused;
    for (const auto& [id, exchange] : exchanges_) {
        if (!exchange->hand_on()) {
            refused.push_back(exchange->handle());
        }
    }
    return refused;
}

void TransferLoop::Impl::finish(Exchange& exchange, CURLcode code) {
    connections_made_ += exchange.connections_made();
    Job tell = [&] { exchange.finish(code); };
    run_job(tell);
}

int TransferLoop::Impl::pause_ms() const {
    auto pause = kLoopPauseMax;
    if (!timers_.empty()) {
        const auto until = std::chrono::ceil<std::chrono::milliseconds>(
            timers_.begin()->first.first - clock_.steady());
        pause = std::clamp(until, std::chrono::milliseconds(0), kLoopPauseMax);
    }
    return static_cast<int>(pause.count());
}

std::unique_ptr<Exchange> TransferLoop::Impl::take(CURL* handle) {
    char* address = nullptr;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &address);
    curl_multi_remove_handle(multi_.get(), handle);
    const auto* exchange = reinterpret_cast<const Exchange*>(address);
    auto node = exchanges_.extract(exchange->id());
    return node ? std::move(node.mapped()) : nullptr;
}

void TransferLoop::Impl::run_job(Job& job) {
    try {
        job();
    } catch (const std::exception& error) {
        log::error("upstream.job", {{"error", error.what()}});
    }
}

Result<TransferLoop::Id> TransferLoop::Impl::start_exchange(
    const ExchangeRequest& request, std::shared_ptr<ExchangeEvents> events) {
    assert(!inside_curl_);
    auto exchange = std::make_unique<Exchange>(++last_id_, config_, request, std::move(events));
    if (const Status status = exchange->status(); !status) {
        return std::unexpected(status.error());
    }
    if (const CURLMcode code = curl_multi_add_handle(multi_.get(), exchange->handle());
        code != CURLM_OK) {
        return fail(Code::io, std::string("curl: ") + curl_multi_strerror(code));
    }
    exchanges_.emplace(last_id_, std::move(exchange));
    return last_id_;
}

void TransferLoop::Impl::stop_exchange(Id id) {
    assert(!inside_curl_);
    if (const auto node = exchanges_.extract(id)) {
        connections_made_ += node.mapped()->connections_made();
        curl_multi_remove_handle(multi_.get(), node.mapped()->handle());
    }
}

TransferLoop::Id TransferLoop::Impl::at(Steady when, Job job) {
    timers_.emplace(std::pair(when, ++last_id_), std::move(job));
    timer_times_.emplace(last_id_, when);
    return last_id_;
}

void TransferLoop::Impl::cancel_timer(Id id) {
    if (const auto time = timer_times_.extract(id)) {
        timers_.erase({time.mapped(), id});
    }
}

Result<std::unique_ptr<TransferLoop>> TransferLoop::start(LoopConfig config, const Clock& clock) {
    auto impl = std::make_unique<Impl>(std::move(config), clock);
    if (const Status status = impl->open(); !status) {
        return std::unexpected(status.error());
    }
    return std::make_unique<TransferLoop>(std::move(impl));
}

TransferLoop::TransferLoop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TransferLoop::~TransferLoop() = default;

bool TransferLoop::post(Job job) {
    return impl_->post(std::move(job));
}
void TransferLoop::stop(Job last) {
    impl_->stop(std::move(last));
}
Result<TransferLoop::Id> TransferLoop::start_exchange(const ExchangeRequest& request,
                                                      std::shared_ptr<ExchangeEvents> events) {
    return impl_->start_exchange(request, std::move(events));
}
void TransferLoop::stop_exchange(Id id) {
    impl_->stop_exchange(id);
}
TransferLoop::Id TransferLoop::at(Steady when, Job job) {
    return impl_->at(when, std::move(job));
}
void TransferLoop::cancel_timer(Id id) {
    impl_->cancel_timer(id);
}
std::uint64_t TransferLoop::connections_made() const {
    return impl_->connections_made();
}

}  // namespace hubfs::upstream
