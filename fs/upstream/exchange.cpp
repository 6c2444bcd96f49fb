// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/exchange.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "fs/base/log.h"
#include "fs/base/text.h"
#include "fs/upstream/limits.h"

namespace hubfs::upstream {

namespace {

long whole_seconds(std::chrono::milliseconds time) {
    return std::max<long>(1,
                          static_cast<long>(std::chrono::ceil<std::chrono::seconds>(time).count()));
}

}  // namespace

Exchange::Exchange(TransferLoop::Id id, const LoopConfig& config, const ExchangeRequest& request,
                   std::shared_ptr<ExchangeEvents> events)
    : id_(id), host_(request.url.host), events_(std::move(events)), gathers_(request.content) {
    for (const std::string& line : request.headers) {
        complete_ = headers_.append(line) && complete_;
    }
    set_common(config, request);
    set_timeouts(request);
    easy_.set(CURLOPT_HTTPHEADER, headers_.get());
    easy_.set(CURLOPT_ERRORBUFFER, detail_.data());
    easy_.set(CURLOPT_PRIVATE, static_cast<void*>(this));
    easy_.set(CURLOPT_HEADERFUNCTION, &Exchange::header_callback);
    easy_.set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    easy_.set(CURLOPT_WRITEFUNCTION, &Exchange::body_callback);
    easy_.set(CURLOPT_WRITEDATA, static_cast<void*>(this));
}

void Exchange::set_common(const LoopConfig& config, const ExchangeRequest& request) {
    easy_.set(CURLOPT_URL, request.url.to_text().c_str());
    easy_.set(CURLOPT_PATH_AS_IS, 1L);
    easy_.set(CURLOPT_PROTOCOLS_STR, request.url.secure ? "https" : "http");
    easy_.set(CURLOPT_FOLLOWLOCATION, 0L);
    easy_.set(CURLOPT_NOSIGNAL, 1L);
    easy_.set(CURLOPT_PROXY, config.proxy.c_str());
    easy_.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (!config.ca_file.empty()) {
        easy_.set(CURLOPT_CAINFO, config.ca_file.c_str());
    }
    if (!config.user_agent.empty()) {
        easy_.set(CURLOPT_USERAGENT, config.user_agent.c_str());
    }
    easy_.set(CURLOPT_TCP_KEEPALIVE, 1L);
    if (request.content) {
        easy_.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
        easy_.set(CURLOPT_BUFFERSIZE, kContentBufferBytes);
    } else {
        easy_.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
        easy_.set(CURLOPT_ACCEPT_ENCODING, "gzip");
        // Rather wait for the first connection's ALPN than open one for each question.
        easy_.set(CURLOPT_PIPEWAIT, request.url.secure ? 1L : 0L);
    }
}

void Exchange::set_timeouts(const ExchangeRequest& request) {
    easy_.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count()));
    easy_.set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.total_timeout.count()));
    if (request.stall_timeout.count() > 0) {
        easy_.set(CURLOPT_LOW_SPEED_LIMIT, kLowSpeedBytesPerSecond);
        easy_.set(CURLOPT_LOW_SPEED_TIME, whole_seconds(request.stall_timeout));
    }
}

Status Exchange::status() const {
    return complete_ ? easy_.status() : fail(Code::io, "curl: no memory for header fields");
}

std::uint64_t Exchange::connections_made() const {
    long made = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_NUM_CONNECTS, &made);
    return static_cast<std::uint64_t>(std::max(0L, made));
}

bool Exchange::hand_on() {
    if (gathered_.empty()) {
        return true;
    }
    bool more = false;
    try {
        more = events_->on_body(gathered_);
    } catch (const std::exception& error) {
        log::error("upstream.callback", {{"error", error.what()}});
    }
    gathered_.clear();
    return more;
}

void Exchange::finish(CURLcode code) {
    Status status;
    if (!hand_on() && code == CURLE_OK) {
        code = CURLE_WRITE_ERROR;
    }
    if (!head_fault_.empty()) {
        status = fail(Code::protocol, host_ + ": " + std::string(head_fault_));
    } else if (code != CURLE_OK) {
        status = std::unexpected(error_of(code, host_, detail_.data()));
    } else if (!head_done_) {
        status = fail(Code::protocol, host_ + ": no HTTP answer");
    }
    std::exchange(events_, nullptr)->on_end(std::move(status));
}

bool Exchange::take_header(std::string_view line) {
    head_bytes_ += line.size();
    if (head_bytes_ > kHeadMaxBytes) {
        return fault("the header is too big");
    }
    if (head_done_) {
        return true;  // trailers
    }
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) {
        line.remove_suffix(1);
    }
    if (line.starts_with("HTTP/")) {
        head_.fields.clear();  // those of a 1xx answer
        return true;
    }
    if (line.empty()) {
        return take_head_end();
    }
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
        std::string_view value = line.substr(colon + 1);
        while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) {
            value.remove_prefix(1);
        }
        while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) {
            value.remove_suffix(1);
        }
        head_.fields.emplace_back(ascii_lower(line.substr(0, colon)), value);
    }
    return true;
}

bool Exchange::take_head_end() {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status < 200) {
        return true;
    }
    // curl reads "12x" as 12; a message whose length can be read in two ways is refused whole
    // (RFC 9112 section 6.3).
    std::optional<std::uint64_t> length;
    for (const auto& [name, value] : head_.fields) {
        if (name == "content-length") {
            const auto read = parse_length(value);
            if (!read || (length && *length != *read)) {
                return fault("a length that is no number");
            }
            length = read;
        }
    }
    head_.status = static_cast<int>(status);
    head_done_ = true;
    return events_->on_head(head_);
}

bool Exchange::fault(std::string_view what) {
    head_fault_ = what;
    return false;
}

bool Exchange::take_body(const char* bytes, std::size_t size) {
    const auto body = std::as_bytes(std::span(bytes, size));
    if (!gathers_ || !head_done_) {
        return head_done_ && events_->on_body(body);
    }
    gathered_.insert(gathered_.end(), body.begin(), body.end());
    return gathered_.size() < kGatherBytes || hand_on();
}

std::size_t Exchange::header_callback(char* line, std::size_t size, std::size_t n,
                                      void* self) noexcept {
    try {
        return static_cast<Exchange*>(self)->take_header({line, size * n}) ? size * n : 0;
    } catch (const std::exception& error) {
        log::error("upstream.callback", {{"error", error.what()}});
        return 0;
    } catch (...) {
        return 0;
    }
}

std::size_t Exchange::body_callback(char* bytes, std::size_t size, std::size_t n,
                                    void* self) noexcept {
    try {
        return static_cast<Exchange*>(self)->take_body(bytes, size * n) ? size * n : 0;
    } catch (const std::exception& error) {
        log::error("upstream.callback", {{"error", error.what()}});
        return 0;
    } catch (...) {
        return 0;
    }
}

}  // namespace hubfs::upstream
