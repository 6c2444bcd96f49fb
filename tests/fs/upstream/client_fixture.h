// SPDX-License-Identifier: Apache-2.0
// A HubClient against TinyHttp servers: the Hub and a content host, both on 127.0.0.1. Helpers that
// ask and wait for the answer; nothing here decides what is right.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "fs/base/clock.h"
#include "fs/base/hash.h"
#include "fs/upstream/hub_client.h"
#include "tests/support/tiny_http.h"

namespace hubfs::upstream::testing {

using test::TinyHttp;
using test::TinyReply;
using test::TinyRequest;

constexpr std::chrono::seconds kWait{20};

inline UpstreamConfig config_for(const TinyHttp& hub, const TinyHttp* cdn = nullptr) {
    UpstreamConfig config;
    config.url = hub.url();
    config.allow_http = true;
    config.deadline = std::chrono::seconds(15);
    config.retry.first = std::chrono::milliseconds(2);
    config.retry.longest = std::chrono::milliseconds(10);
    if (cdn != nullptr) {
        config.content_hosts = {cdn->host()};
    }
    return config;
}

inline std::unique_ptr<HubClient> open_client(UpstreamConfig config) {
    static const Clock clock;
    auto client = HubClient::open(std::move(config), clock);
    if (!client) {
        std::abort();
    }
    return *std::move(client);
}

inline Result<ApiResponse> ask(HubClient& client, ApiRequest request) {
    std::promise<Result<ApiResponse>> promise;
    auto future = promise.get_future();
    client.api(std::move(request), [&](Result<ApiResponse> r) { promise.set_value(std::move(r)); });
    if (future.wait_for(kWait) != std::future_status::ready) {
        std::abort();  // a call that does not end takes the promise's frame with it
    }
    return future.get();
}

inline ApiRequest get(std::string target) {
    ApiRequest request;
    request.target = std::move(target);
    return request;
}

// Collects a range; may stop it after so many bytes.
class Collector : public ContentSink {
public:
    explicit Collector(std::size_t stop_after = SIZE_MAX) : stop_after_(stop_after) {}
    bool on_bytes(std::span<const std::byte> bytes) override {
        const std::scoped_lock lock(mutex_);
        bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        changed_.notify_all();
        return bytes_.size() < stop_after_;
    }
    void on_done(Status status) override {
        const std::scoped_lock lock(mutex_);
        status_ = std::move(status);
        ++ends_;
        changed_.notify_all();
    }
    // Waits for the end. Ending twice or never is a failure of the test.
    [[nodiscard]] Status wait() {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, kWait, [&] { return ends_ > 0; }) || ends_ > 1) {
            std::abort();
        }
        return status_;
    }
    [[nodiscard]] bool wait_bytes(std::size_t n) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, kWait, [&] { return bytes_.size() >= n; });
    }
    [[nodiscard]] std::string bytes() const {
        const std::scoped_lock lock(mutex_);
        return bytes_;
    }

private:
    const std::size_t stop_after_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::string bytes_;
    Status status_;
    int ends_ = 0;
};

// Bytes that differ from their neighbours, so that a shift is seen.
inline std::string some_bytes(std::size_t n) {
    std::string bytes(n, '\0');
    std::uint32_t state = 1;
    for (char& byte : bytes) {
        state = state * 1664525U + 1013904223U;
        byte = static_cast<char>(state >> 24U);
    }
    return bytes;
}

inline ContentRequest want(const std::string& bytes, ByteRange range,
                           const std::string& path = "model.bin") {
    ContentRequest request;
    request.location.repo = {RepoType::model, "acme/tiny"};
    request.location.commit = *CommitId::from_hex("5bb9fc53add422c252f7351a8e28c438cb98ea21");
    request.location.path = path;
    request.content = {hash_content(HashKind::sha256, std::as_bytes(std::span(bytes))),
                       bytes.size()};
    request.range = range;
    return request;
}

// 206 as a good server sends it.
inline TinyReply part(const std::string& bytes, const TinyRequest& request) {
    const ByteRange range = request.range().value_or(ByteRange{});
    TinyReply reply;
    reply.status = 206;
    reply.headers.emplace_back("Content-Range", "bytes " + std::to_string(range.first) + "-" +
                                                    std::to_string(range.end - 1) + "/" +
                                                    std::to_string(bytes.size()));
    reply.body = bytes.substr(range.first, range.size());
    return reply;
}

inline TinyReply redirect_to(const std::string& location, int status = 302) {
    TinyReply reply;
    reply.status = status;
    reply.headers.emplace_back("Location", location);
    reply.body = "Found. Redirecting to somewhere";
    return reply;
}

inline TinyReply refuse(int status, const std::string& error_code = {}) {
    TinyReply reply;
    reply.status = status;
    if (!error_code.empty()) {
        reply.headers.emplace_back("X-Error-Code", error_code);
    }
    reply.body = "no";
    return reply;
}

}  // namespace hubfs::upstream::testing
