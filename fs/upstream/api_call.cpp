// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/api_call.h"

#include <algorithm>
#include <utility>

namespace hubfs::upstream {

namespace {

// Where the path in front of everything is not part of the target.
std::string target_of(const Url& url, const Url& hub) {
    return url.target.substr(url.target.starts_with(hub.target) ? hub.target.size() : 0);
}

}  // namespace

ApiCall::ApiCall(Core& core, ApiRequest request, Done<ApiResponse> done)
    : core_(core), request_(std::move(request)), done_(std::move(done)), url_(core.hub) {
    url_.target += request_.target;
}

void ApiCall::start() {
    ++core_.stats.api_calls;
    deadline_ = core_.clock.steady() + core_.config.deadline;
    deadline_timer_ = core_.loop->at(deadline_, [self = shared_from_this()] {
        self->deadline_timer_ = 0;
        Error late{Code::timed_out, self->url_.host + ": no answer in time"};
        self->core_.record(self->url_, std::unexpected(late));
        self->finish(std::unexpected(std::move(late)));
    });
    ask();
}

void ApiCall::abort(Error error) {
    finish(std::unexpected(std::move(error)));
}

void ApiCall::ask() {
    if (const Status admitted = core_.admit(url_, QuotaKind::api); !admitted) {
        return finish(std::unexpected(admitted.error()));
    }
    head_ = {};
    body_.clear();
    unwanted_bytes_ = 0;
    verdict_.reset();
    ExchangeRequest exchange;
    exchange.url = url_;
    exchange.headers.emplace_back("Accept: application/json, */*");
    if (!request_.if_none_match.empty()) {
        exchange.headers.push_back("If-None-Match: " + request_.if_none_match);
    }
    if (request_.with_token && !core_.config.token.empty()) {
        exchange.headers.push_back("Authorization: Bearer " + core_.config.token);
    }
    // The deadline is a timer of our own; curl's is only there to try another address in time.
    exchange.connect_timeout = std::min(kConnectTimeout, core_.config.deadline);
    ++core_.stats.api_requests;
    const auto started = core_.loop->start_exchange(exchange, shared_from_this());
    if (!started) {
        return finish(std::unexpected(started.error()));
    }
    exchange_ = *started;
}

bool ApiCall::redirect() const {
    return head_.status >= 300 && head_.status < 400 && head_.status != 304;
}

bool ApiCall::on_head(const ResponseHead& head) {
    head_ = head;
    return true;
}

bool ApiCall::on_body(std::span<const std::byte> bytes) {
    if (redirect() || head_.status >= 500) {
        unwanted_bytes_ += bytes.size();
        return unwanted_bytes_ <= kUnwantedBodyMaxBytes;
    }
    if (bytes.size() > request_.body_max_bytes - body_.size()) {
        verdict_ = Error{Code::protocol, url_.host + ": the answer is over " +
                                             std::to_string(request_.body_max_bytes) + " bytes"};
        return false;
    }
    body_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return true;
}

void ApiCall::on_end(Status status) {
    exchange_ = 0;
    core_.stats.api_bytes += body_.size();
    if (verdict_) {
        return finish(std::unexpected(*verdict_));
    }
    // A body nobody wants may end in any way once its status is known.
    const bool known = redirect() || head_.status >= 500;
    if (!status && !known) {
        core_.record(url_, status);
        return retry_after(std::move(status.error()));
    }
    core_.record(url_, {});
    core_.budget.learn(QuotaKind::api, head_, core_.clock.steady());
    if (head_.status == 429) {
        return finish(fail(Code::rate_limited, url_.host + ": answered 429"));
    }
    if (head_.status >= 500) {
        return retry_after(
            {Code::unavailable, url_.host + ": answered " + std::to_string(head_.status)});
    }
    if (redirect()) {
        return follow(head_.single("location").value_or(""));
    }
    answer();
}

void ApiCall::follow(std::string_view location) {
    if (++redirects_ > kRedirectsMax) {
        return finish(fail(Code::protocol, url_.host + ": too many redirects"));
    }
    const auto next = location.empty() ? std::nullopt : resolve(url_, location);
    if (!next) {
        return finish(fail(Code::protocol, url_.host + ": a redirect without an address"));
    }
    if (!core_.on_hub(*next)) {
        return finish(fail(Code::protocol, "redirect to host " + next->host + " is not allowed"));
    }
    ++core_.stats.redirects;
    url_ = *next;
    ask();
}

void ApiCall::answer() {
    ApiResponse response;
    response.status = head_.status;
    response.final_target = redirects_ == 0 ? request_.target : target_of(url_, core_.hub);
    response.content_type = head_.single("content-type").value_or("");
    response.etag = head_.single("etag").value_or("");
    response.link = head_.joined("link");
    response.total_count = head_.single("x-total-count").value_or("");
    if (response.total_count.find_first_not_of("0123456789") != std::string::npos) {
        response.total_count.clear();
    }
    response.error_code = head_.single("x-error-code").value_or("");
    response.error_message = head_.single("x-error-message").value_or("");
    response.body = std::move(body_);
    finish(std::move(response));
}

void ApiCall::retry_after(Error error) {
    ++failures_;
    const Steady when = core_.clock.steady() + core_.delay_after(failures_);
    if (!worth_retrying(error.code) || failures_ >= core_.config.retry.failures_max ||
        when >= deadline_) {
        return finish(std::unexpected(std::move(error)));
    }
    ++core_.stats.retries;
    retry_timer_ = core_.loop->at(when, [self = shared_from_this()] {
        self->retry_timer_ = 0;
        self->ask();
    });
}

void ApiCall::finish(Result<ApiResponse> result) {
    if (!done_) {
        return;
    }
    const auto self = shared_from_this();
    core_.loop->cancel_timer(deadline_timer_);
    core_.loop->cancel_timer(retry_timer_);
    core_.loop->stop_exchange(exchange_);
    core_.operations.erase(self);
    ++core_.operations_left;
    if (!result) {
        const std::string_view target = request_.target;
        core_.failed(result.error(), target.substr(0, target.find('?')));
    }
    std::exchange(done_, nullptr)(std::move(result));
}

}  // namespace hubfs::upstream
