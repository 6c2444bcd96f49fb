// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/content_fetch.h"

#include <algorithm>
#include <utility>

#include "fs/base/percent.h"

namespace hubfs::upstream {

std::string resolve_target(const ContentLocation& location) {
    return (location.repo.type == RepoType::dataset ? "/datasets/" : "/") + location.repo.id +
           "/resolve/" + location.commit.hex() + "/" + percent_encode(location.path, "/");
}

ContentFetch::ContentFetch(Core& core, ContentRequest request, std::shared_ptr<ContentSink> sink)
    : core_(core),
      request_(std::move(request)),
      sink_(std::move(sink)),
      key_(resolve_target(request_.location)),
      at_(request_.range.first) {}

void ContentFetch::start() {
    ++core_.stats.content_ranges;
    progress_ = core_.clock.steady();
    arm_deadline();
    begin();
}

void ContentFetch::abort(Error error) {
    finish(std::unexpected(std::move(error)));
}

// ---- which address ----

void ContentFetch::begin() {
    redirects_ = 0;
    if (const auto known = core_.signed_urls.find(key_, core_.clock.now())) {
        ++core_.stats.signed_reused;
        url_ = *known;
        remembered_ = true;
        return queue();
    }
    remembered_ = false;
    if (!resolving_ && !waited_) {
        const auto [entry, first] = core_.resolving.try_emplace(key_);
        if (!first) {
            waited_ = true;
            entry->second.push_back(weak_from_this());
            return;
        }
        resolving_ = true;
    }
    url_ = core_.hub;
    url_.target += key_;
    queue();
}

// The address is known, or this transfer will not find it: those that wait go on by themselves.
void ContentFetch::resolved(bool found) {
    if (found && redirects_ > 0 && !remembered_) {
        core_.signed_urls.put(key_, url_, core_.clock.now());
    }
    if (!std::exchange(resolving_, false)) {
        return;
    }
    auto waiting = core_.resolving.extract(key_);
    if (!waiting) {
        return;
    }
    for (const auto& fetch : waiting.mapped()) {
        // By a job: this may run inside of curl.
        static_cast<void>(core_.loop->post([fetch] {
            if (const auto other = fetch.lock(); other && other->sink_) {
                other->begin();
            }
        }));
    }
}

void ContentFetch::follow(std::string_view location) {
    if (++redirects_ > kRedirectsMax) {
        return finish(std::unexpected(broken("too many redirects")));
    }
    const auto next = location.empty() ? std::nullopt : resolve(url_, location);
    if (!next) {
        return finish(std::unexpected(broken("a redirect without an address")));
    }
    if (!core_.may_ask(*next)) {
        return finish(fail(Code::protocol, "redirect to host " + next->host + " is not allowed"));
    }
    ++core_.stats.redirects;
    url_ = *next;
    queue();
}

// ---- one attempt ----

void ContentFetch::queue() {
    slot_host_ = url_.origin();
    switch (core_.slots.acquire(slot_host_, weak_from_this())) {
        case HostSlots::Outcome::granted: return ask();
        case HostSlots::Outcome::queued: queued_ = true; return;
        case HostSlots::Outcome::full:
            slot_host_.clear();
            return finish(fail(Code::rate_limited, url_.host + ": too many transfers wait"));
    }
}

bool ContentFetch::on_slot() {
    if (!sink_ || !queued_) {
        return false;
    }
    queued_ = false;
    // By a job: a long queue whose attempts all fail at once would call itself as deep as it is.
    static_cast<void>(core_.loop->post([self = shared_from_this()] {
        if (self->sink_) {
            self->ask();
        }
    }));
    return true;
}

void ContentFetch::release_slot() {
    if (const std::string host = std::exchange(slot_host_, {}); !host.empty() && !queued_) {
        core_.slots.release(host);
    }
    queued_ = false;
}

void ContentFetch::ask() {
    if (const Status admitted = core_.admit(url_, QuotaKind::resolve); !admitted) {
        return finish(admitted);
    }
    if (++attempts_ > core_.config.retry.attempts_max) {
        return finish(fail(Code::unavailable, url_.host + ": too many attempts"));
    }
    head_ = {};
    body_ = Body::unwanted;
    skip_bytes_ = 0;
    unwanted_bytes_ = 0;
    verdict_.reset();
    ExchangeRequest exchange;
    exchange.url = url_;
    exchange.content = true;
    exchange.headers = {
        "Accept: */*", "Accept-Encoding: identity",
        "Range: bytes=" + std::to_string(at_) + "-" + std::to_string(request_.range.end - 1)};
    exchange.connect_timeout = std::min(kConnectTimeout, core_.config.deadline);
    exchange.stall_timeout = core_.config.deadline;
    ++(core_.on_hub(url_) ? core_.stats.resolve_requests : core_.stats.content_requests);
    const auto started = core_.loop->start_exchange(exchange, shared_from_this());
    if (!started) {
        return finish(std::unexpected(started.error()));
    }
    exchange_ = *started;
}

bool ContentFetch::on_head(const ResponseHead& head) {
    head_ = head;
    if (head.status != 200 && head.status != 206) {
        return true;
    }
    verdict_ = accept(head);
    if (verdict_) {
        return false;
    }
    body_ = Body::wanted;
    resolved(true);
    return true;
}

std::optional<Error> ContentFetch::accept(const ResponseHead& head) {
    const std::string encoding = head.joined("content-encoding");
    if (!encoding.empty() && encoding != "identity") {
        return broken("content came encoded");
    }
    if (head.status == 206) {
        return check_partial(head);
    }
    skip_bytes_ = at_;
    return check_whole(head);
}

std::optional<Error> ContentFetch::check_partial(const ResponseHead& head) const {
    const auto range = parse_content_range(head.single("content-range").value_or(""));
    if (!range || !range->range || *range->range != ByteRange{at_, request_.range.end}) {
        return broken("206 with another range than was asked");
    }
    if (range->total_bytes != request_.content.size_bytes) {
        return broken("206 of a content of another size");
    }
    if (head.has("content-length") &&
        parse_length(head.single("content-length").value_or("")) != range->range->size()) {
        return broken("206 whose length is not its range's");
    }
    return std::nullopt;
}

// A server that ignores ranges: only its beginning is of use.
std::optional<Error> ContentFetch::check_whole(const ResponseHead& head) const {
    if (request_.range.first != 0) {
        return broken("200 to a range");
    }
    if (head.has("content-length") &&
        parse_length(head.single("content-length").value_or("")) != request_.content.size_bytes) {
        return broken("200 with a content of another size");
    }
    return std::nullopt;
}

bool ContentFetch::on_body(std::span<const std::byte> bytes) {
    if (body_ != Body::wanted) {
        unwanted_bytes_ += bytes.size();
        return unwanted_bytes_ <= kUnwantedBodyMaxBytes;
    }
    const auto skipped = std::min<std::uint64_t>(skip_bytes_, bytes.size());
    skip_bytes_ -= skipped;
    bytes = bytes.subspan(skipped);
    progress_ = core_.clock.steady();
    const std::uint64_t left = request_.range.end - at_;
    const bool more = bytes.size() > left;
    bytes = bytes.first(std::min<std::uint64_t>(bytes.size(), left));
    if (more && head_.status == 206) {
        verdict_ = broken("more bytes than the range has");
        return false;
    }
    if (!bytes.empty()) {
        failures_ = 0;
        at_ += bytes.size();
        core_.stats.content_bytes += bytes.size();
        if (!sink_->on_bytes(bytes)) {
            verdict_ = Error{Code::cancelled, "the reader has gone"};
            return false;
        }
    }
    if (more ||
        (head_.status == 200 && at_ == request_.range.end && at_ < request_.content.size_bytes)) {
        body_ = Body::enough;
        return false;
    }
    return true;
}

void ContentFetch::on_end(Status status) {
    exchange_ = 0;
    release_slot();
    if (!sink_) {
        return;
    }
    if (verdict_) {
        core_.record(url_, {});
        return finish(std::unexpected(*verdict_));
    }
    if (head_.status == 0) {
        core_.record(url_, status);
        return retry_after(status ? broken("no answer") : std::move(status.error()));
    }
    core_.record(url_, {});
    judge(status);
}

// ---- what the answer means ----

void ContentFetch::judge(const Status& status) {
    if (core_.on_hub(url_)) {
        core_.budget.learn(QuotaKind::resolve, head_, core_.clock.steady());
    }
    if (head_.status == 200 || head_.status == 206) {
        if (at_ == request_.range.end) {
            return finish({});
        }
        return retry_after(status ? Error{Code::unavailable, url_.host + ": the answer ended early"}
                                  : status.error());
    }
    if (head_.status >= 300 && head_.status < 400 && head_.status != 304) {
        return follow(head_.single("location").value_or(""));
    }
    if (head_.status == 429) {
        return finish(fail(Code::rate_limited, url_.host + ": answered 429"));
    }
    if (head_.status >= 500 || head_.status == 408) {
        return retry_after(
            {Code::unavailable, url_.host + ": answered " + std::to_string(head_.status)});
    }
    judge_refusal();
}

void ContentFetch::judge_refusal() {
    const int status = head_.status;
    const bool gone = status == 401 || status == 403 || status == 404 || status == 410;
    if (gone && (remembered_ || !core_.on_hub(url_))) {  // expired, or lost on its way between them
        core_.signed_urls.forget(key_, url_);
        if (!std::exchange(re_resolved_, true)) {
            return begin();
        }
    }
    const std::string message = url_.host + ": answered " + std::to_string(status);
    if (status == 416) {
        return finish(fail(Code::protocol, message + " to a range within the content"));
    }
    if (!core_.on_hub(url_)) {
        // The Hub has just led us here, so this says nothing about the repository.
        return finish(fail(gone ? Code::unavailable : Code::protocol, message));
    }
    if (status == 401 || status == 403) {
        const bool gated = head_.single("x-error-code") == "GatedRepo";
        return finish(fail(gated ? Code::gated : Code::denied, message));
    }
    if (status == 451) {
        return finish(fail(Code::denied, message));
    }
    finish(fail(status == 404 || status == 410 ? Code::not_found : Code::protocol, message));
}

Error ContentFetch::broken(std::string_view what) const {
    return {Code::protocol, url_.host + ": " + std::string(what)};
}

// ---- time, and the end ----

void ContentFetch::retry_after(Error error) {
    ++failures_;
    const Steady when = core_.clock.steady() + core_.delay_after(failures_);
    if (!worth_retrying(error.code) || failures_ >= core_.config.retry.failures_max ||
        when >= deadline()) {
        return finish(std::unexpected(std::move(error)));
    }
    ++core_.stats.retries;
    retry_timer_ = core_.loop->at(when, [self = shared_from_this()] {
        self->retry_timer_ = 0;
        self->begin();
    });
}

void ContentFetch::arm_deadline() {
    deadline_timer_ = core_.loop->at(deadline(), [self = shared_from_this()] {
        self->deadline_timer_ = 0;
        self->on_deadline();
    });
}

void ContentFetch::on_deadline() {
    if (core_.clock.steady() < deadline()) {
        return arm_deadline();  // bytes have come meanwhile
    }
    if (at_ == request_.range.end) {
        return finish({});  // only the end of the answer is missing
    }
    Error late{Code::timed_out,
               (url_.host.empty() ? core_.hub.host : url_.host) + ": no bytes in time"};
    if (exchange_ != 0) {
        core_.record(url_, std::unexpected(late));
    }
    finish(std::unexpected(std::move(late)));
}

void ContentFetch::finish(Status status) {
    if (!sink_) {
        return;
    }
    const auto self = shared_from_this();
    const auto sink = std::exchange(sink_, nullptr);
    core_.loop->cancel_timer(deadline_timer_);
    core_.loop->cancel_timer(retry_timer_);
    core_.loop->stop_exchange(exchange_);
    release_slot();
    resolved(false);
    core_.operations.erase(self);
    ++core_.operations_left;
    if (!status) {
        core_.failed(status.error(), key_);
    }
    sink->on_done(std::move(status));
}

}  // namespace hubfs::upstream
