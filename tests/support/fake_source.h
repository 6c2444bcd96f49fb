// SPDX-License-Identifier: Apache-2.0
// The Hub as a test wants it: an upstream::Source without a network. Answers are set per API
// target and per content hash; everything asked is counted; answers can be held until the test
// releases them, and a content can stop, fail, end early or carry a wrong byte at a chosen place.
//
// Answers come from a thread of its own, one step at a time, like the real one; with
// FakeSource::Inline they come before the call returns (held ones: before release() returns).
// A target nobody has set answers 404 RepoNotFound; a content nobody has set fails with not_found.
// Thread-safe. Destroying it answers what is left with Code::cancelled. Waits end after kWait.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "fs/base/hash.h"
#include "fs/base/hub_types.h"
#include "fs/base/result.h"
#include "fs/upstream/source.h"

namespace hubfs::test {

// How the transfers of one content go. Offsets count from the start of the content, so a fault
// meets whichever range covers it.
struct ContentScript {
    std::size_t chunk_bytes = 64U << 10;      // at most so much for each on_bytes()
    std::optional<std::uint64_t> pause_at{};  // transfers stop before this byte until resume()
    std::optional<std::uint64_t> fail_at{};   // transfers end before this byte with `error` …
    std::size_t failures = SIZE_MAX;          // … this many times
    Error error{Code::unavailable, "fake: broken"};
    std::optional<std::uint64_t> wrong_byte{};  // this byte is delivered flipped …
    std::size_t wrong_times = SIZE_MAX;         // … this many times
};

class FakeSource : public upstream::Source {
public:
    struct Inline {};
    using Answer = std::function<Result<upstream::ApiResponse>(const upstream::ApiRequest&)>;
    static constexpr std::chrono::seconds kWait{20};

    FakeSource() : thread_([this] { run(); }) {}
    explicit FakeSource(Inline) : inline_(true) {}
    ~FakeSource() override {
        {
            const std::scoped_lock lock(mutex_);
            stopping_ = true;
            changed_.notify_all();
        }
        if (thread_.joinable()) {
            thread_.join();
        }
        while (const auto job = take_any()) {
            finish_cancelled(*job);
        }
    }
    FakeSource(const FakeSource&) = delete;
    FakeSource& operator=(const FakeSource&) = delete;

    // ---- what is answered ----

    // A 200 whose etag equals the request's if_none_match is answered as a bodiless 304, as the Hub
    // does. final_target, when left empty, is the target asked.
    void set_api(const std::string& target, upstream::ApiResponse response) {
        set_api(target, plain(std::move(response)));
    }
    void set_api(const std::string& target, Error error) {
        set_api(target,
                [error = std::move(error)](const upstream::ApiRequest&)
                    -> Result<upstream::ApiResponse> { return std::unexpected(error); });
    }
    void set_api(const std::string& target, Answer answer) {
        const std::scoped_lock lock(mutex_);
        answers_[target] = std::move(answer);
    }
    // A plain 200 of JSON; its etag is the Hub's for this body.
    void set_json(const std::string& target, std::string body, std::string link = {}) {
        upstream::ApiResponse response;
        response.status = 200;
        response.content_type = "application/json; charset=utf-8";
        response.etag = weak_api_etag(body);
        response.link = std::move(link);
        response.body = std::move(body);
        set_api(target, std::move(response));
    }
    void set_missing(const std::string& target, std::string error_code = "RepoNotFound",
                     int status = 404) {
        upstream::ApiResponse response;
        response.status = status;
        response.error_code = std::move(error_code);
        // The Hub's words, where there is no code.
        response.error_message =
            status == 401 ? "Invalid username or password." : "fake: no such thing";
        set_api(target, std::move(response));
    }
    // What targets without an answer of their own get.
    void set_default_api(Answer answer) {
        const std::scoped_lock lock(mutex_);
        default_ = std::move(answer);
    }
    void forget_api(const std::string& target) {
        const std::scoped_lock lock(mutex_);
        answers_.erase(target);
    }

    // The content of these bytes, under its true name.
    Content add_content(HashKind kind, std::string_view bytes, ContentScript script = {}) {
        const auto raw = std::as_bytes(std::span(bytes));
        const Content content{hash_content(kind, raw), bytes.size()};
        set_content(content.hash, bytes, std::move(script));
        return content;
    }
    // Any bytes under any name: a wrong name is an upstream that lies.
    void set_content(const ContentHash& hash, std::string_view bytes, ContentScript script = {}) {
        const std::scoped_lock lock(mutex_);
        contents_[hash] = {std::make_shared<const std::string>(bytes), std::move(script)};
    }
    // Changes how transfers go from their next step on.
    void set_script(const ContentHash& hash, ContentScript script) {
        const std::scoped_lock lock(mutex_);
        contents_[hash].script = std::move(script);
    }

    // ---- when it is answered ----

    // Requests that come from now on wait for release().
    void hold() {
        const std::scoped_lock lock(mutex_);
        holding_ = true;
    }
    // Answers all held requests, and new ones at once again.
    void release() {
        {
            const std::scoped_lock lock(mutex_);
            holding_ = false;
            std::move(held_.begin(), held_.end(), std::back_inserter(ready_));
            held_.clear();
            changed_.notify_all();
        }
        run_inline();
    }
    // Answers the oldest n held requests; later ones stay held.
    void release(std::size_t n) {
        {
            const std::scoped_lock lock(mutex_);
            for (; n > 0 && !held_.empty(); --n) {
                ready_.push_back(std::move(held_.front()));
                held_.pop_front();
            }
            changed_.notify_all();
        }
        run_inline();
    }
    // Lets every content that stopped at its pause_at go on, to the end.
    void resume() {
        {
            const std::scoped_lock lock(mutex_);
            for (auto& [hash, stored] : contents_) {
                stored.script.pause_at.reset();
            }
            std::move(paused_.begin(), paused_.end(), std::back_inserter(ready_));
            paused_.clear();
            changed_.notify_all();
        }
        run_inline();
    }
    // False when it did not come to that within kWait.
    [[nodiscard]] bool wait_held(std::size_t n) {
        return wait([&] { return held_.size() >= n; });
    }
    [[nodiscard]] bool wait_paused(std::size_t n) {
        return wait([&] { return paused_.size() >= n; });
    }
    [[nodiscard]] bool wait_delivered(std::uint64_t bytes) {
        return wait([&] { return delivered_bytes_ >= bytes; });
    }
    // Nothing is queued or being answered (held and paused requests do not count).
    [[nodiscard]] bool wait_idle() {
        return wait([&] { return ready_.empty() && !busy_; });
    }

    // ---- what was asked ----

    [[nodiscard]] std::size_t api_count() const { return api_requests().size(); }
    [[nodiscard]] std::size_t api_count(std::string_view target) const {
        const auto all = api_requests();
        return static_cast<std::size_t>(
            std::ranges::count_if(all, [&](const auto& r) { return r.target == target; }));
    }
    [[nodiscard]] std::vector<upstream::ApiRequest> api_requests() const {
        const std::scoped_lock lock(mutex_);
        return api_log_;
    }
    [[nodiscard]] std::size_t content_count() const { return content_requests().size(); }
    [[nodiscard]] std::vector<upstream::ContentRequest> content_requests() const {
        const std::scoped_lock lock(mutex_);
        return content_log_;
    }
    // Bytes handed to sinks so far.
    [[nodiscard]] std::uint64_t delivered_bytes() const {
        const std::scoped_lock lock(mutex_);
        return delivered_bytes_;
    }
    [[nodiscard]] std::size_t cancelled_count() const {
        const std::scoped_lock lock(mutex_);
        return cancelled_;
    }
    // Forgets what was asked; answers stay.
    void reset_counts() {
        const std::scoped_lock lock(mutex_);
        api_log_.clear();
        content_log_.clear();
        delivered_bytes_ = 0;
        cancelled_ = 0;
    }

    // ---- upstream::Source ----

    void api(upstream::ApiRequest request, Done<upstream::ApiResponse> done) override {
        auto job = std::make_shared<Job>();
        {
            const std::scoped_lock lock(mutex_);
            api_log_.push_back(request);
        }
        job->api = std::move(request);
        job->api_done = std::move(done);
        start(std::move(job));
    }
    std::shared_ptr<upstream::Transfer> content(
        upstream::ContentRequest request, std::shared_ptr<upstream::ContentSink> sink) override {
        auto job = std::make_shared<Job>();
        {
            const std::scoped_lock lock(mutex_);
            content_log_.push_back(request);
        }
        job->at = request.range.first;
        job->content = std::move(request);
        job->sink = std::move(sink);
        auto transfer = std::make_shared<FakeTransfer>(*this, job);
        start(std::move(job));
        return transfer;
    }

private:
    struct Job {
        upstream::ApiRequest api;
        Done<upstream::ApiResponse> api_done;
        upstream::ContentRequest content;
        std::shared_ptr<upstream::ContentSink> sink;  // set: a content
        std::uint64_t at = 0;                         // next byte of the content
        std::atomic<bool> cancelled = false;
    };
    using JobPtr = std::shared_ptr<Job>;
    using Jobs = std::deque<JobPtr>;
    struct Stored {
        std::shared_ptr<const std::string> bytes;
        ContentScript script;
    };
    // Must not outlive the source it came from while cancel() is called.
    class FakeTransfer : public upstream::Transfer {
    public:
        FakeTransfer(FakeSource& source, const JobPtr& job) : source_(source), job_(job) {}
        void cancel() override {
            if (const JobPtr job = job_.lock()) {
                source_.cancel(job);
            }
        }

    private:
        FakeSource& source_;
        std::weak_ptr<Job> job_;  // gone once the sink had its on_done()
    };

    static Answer plain(upstream::ApiResponse response) {
        return [response = std::move(response)](
                   const upstream::ApiRequest& request) -> Result<upstream::ApiResponse> {
            upstream::ApiResponse answer = response;
            if (answer.final_target.empty()) {
                answer.final_target = request.target;
            }
            if (answer.status == 200 && !answer.etag.empty() &&
                answer.etag == request.if_none_match) {
                answer.status = 304;
                answer.body.clear();
            }
            return answer;
        };
    }

    void start(JobPtr job) {
        {
            const std::scoped_lock lock(mutex_);
            (holding_ ? held_ : ready_).push_back(std::move(job));
            changed_.notify_all();
        }
        run_inline();
    }
    void cancel(const JobPtr& job) {
        job->cancelled = true;
        {
            const std::scoped_lock lock(mutex_);
            for (Jobs* waiting : {&held_, &paused_}) {
                if (std::erase(*waiting, job) > 0) {
                    ready_.push_back(job);
                }
            }
            changed_.notify_all();
        }
        run_inline();
    }

    void run() {
        for (;;) {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return stopping_ || !ready_.empty(); });
            if (stopping_) {
                return;
            }
            step_next(lock);
        }
    }
    // Inline: the calling thread does the work, unless it is already doing it further up.
    void run_inline() {
        std::unique_lock lock(mutex_);
        while (inline_ && !busy_ && !ready_.empty()) {
            step_next(lock);
        }
    }
    void step_next(std::unique_lock<std::mutex>& lock) {
        JobPtr job = std::move(ready_.front());
        ready_.pop_front();
        busy_ = true;
        lock.unlock();
        const Next next = job->sink ? content_step(*job) : api_step(*job);
        lock.lock();
        busy_ = false;
        if (next == Next::pause && !job->cancelled && is_paused(*job)) {
            paused_.push_back(std::move(job));
        } else if (next != Next::end) {
            ready_.push_back(std::move(job));
        }
        changed_.notify_all();
    }

    enum class Next { end, more, pause };

    Next api_step(Job& job) {
        Answer answer;
        {
            const std::scoped_lock lock(mutex_);
            const auto found = answers_.find(job.api.target);
            answer = found != answers_.end() ? found->second : default_;
        }
        if (!answer) {
            upstream::ApiResponse missing;
            missing.status = 404;
            missing.error_code = "RepoNotFound";
            missing.error_message = "Repository not found";
            answer = plain(std::move(missing));
        }
        job.api_done(answer(job.api));
        return Next::end;
    }

    // One chunk, or the end.
    Next content_step(Job& job) {
        if (job.cancelled) {
            return end_content(job, fail(Code::cancelled, "fake: cancelled"));
        }
        std::string chunk;
        std::optional<Error> error;
        {
            const std::scoped_lock lock(mutex_);
            const auto found = contents_.find(job.content.content.hash);
            if (found == contents_.end() || !found->second.bytes) {
                error = Error{Code::not_found, "fake: no such content"};
            } else {
                error = cut(job, found->second, chunk);
            }
        }
        if (error) {
            return end_content(job, std::unexpected(*error));
        }
        if (chunk.empty()) {
            return job.at >= job.content.range.end ? end_content(job, {}) : Next::pause;
        }
        job.at += chunk.size();
        {
            const std::scoped_lock lock(mutex_);
            delivered_bytes_ += chunk.size();
        }
        if (!job.sink->on_bytes(std::as_bytes(std::span<const char>(chunk)))) {
            return end_content(job, fail(Code::cancelled, "fake: the sink stopped"));
        }
        return job.at >= job.content.range.end ? end_content(job, {}) : Next::more;
    }
    // The next chunk by the script (empty: nothing now), or the error that comes instead. The lock
    // is held.
    static std::optional<Error> cut(const Job& job, Stored& stored, std::string& chunk) {
        ContentScript& script = stored.script;
        std::uint64_t end =
            std::min<std::uint64_t>(job.content.range.end, job.at + script.chunk_bytes);
        const bool fails = script.failures > 0 && script.fail_at && *script.fail_at >= job.at &&
                           *script.fail_at < job.content.range.end;
        if (fails && *script.fail_at == job.at) {
            --script.failures;
            return script.error;
        }
        if (fails) {
            end = std::min(end, *script.fail_at);
        }
        if (script.pause_at && *script.pause_at >= job.at) {
            end = std::min(end, *script.pause_at);
        }
        const std::string& bytes = *stored.bytes;
        if (job.content.content.size_bytes != bytes.size() || end > bytes.size()) {
            return Error{Code::protocol, "fake: another length than expected"};
        }
        chunk = bytes.substr(job.at, end - job.at);
        if (script.wrong_byte && *script.wrong_byte >= job.at && *script.wrong_byte < end &&
            script.wrong_times > 0) {
            --script.wrong_times;
            char& byte = chunk[*script.wrong_byte - job.at];
            byte = static_cast<char>(byte ^ 0x20);
        }
        return std::nullopt;
    }
    bool is_paused(const Job& job) const {
        const auto found = contents_.find(job.content.content.hash);
        return found != contents_.end() && found->second.script.pause_at == job.at;
    }
    Next end_content(Job& job, Status status) {
        if (!status && status.error().code == Code::cancelled) {
            const std::scoped_lock lock(mutex_);
            ++cancelled_;
        }
        job.sink->on_done(std::move(status));
        return Next::end;
    }

    JobPtr take_any() {
        const std::scoped_lock lock(mutex_);
        for (Jobs* waiting : {&ready_, &held_, &paused_}) {
            if (!waiting->empty()) {
                JobPtr job = std::move(waiting->front());
                waiting->pop_front();
                return job;
            }
        }
        return nullptr;
    }
    void finish_cancelled(Job& job) {
        if (job.sink) {
            end_content(job, fail(Code::cancelled, "fake: the source ended"));
        } else {
            job.api_done(fail(Code::cancelled, "fake: the source ended"));
        }
    }

    template <class Condition>
    bool wait(Condition condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, kWait, condition);
    }

    const bool inline_ = false;
    mutable std::mutex mutex_;  // guards what follows; nothing is called out of it
    std::condition_variable changed_;
    bool stopping_ = false;
    bool holding_ = false;
    bool busy_ = false;  // a step is under way
    Jobs ready_, held_, paused_;
    std::map<std::string, Answer, std::less<>> answers_;
    Answer default_;
    std::map<ContentHash, Stored> contents_;
    std::vector<upstream::ApiRequest> api_log_;
    std::vector<upstream::ContentRequest> content_log_;
    std::uint64_t delivered_bytes_ = 0;
    std::size_t cancelled_ = 0;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace hubfs::test
