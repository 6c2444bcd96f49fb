// SPDX-License-Identifier: Apache-2.0
// The one thread that owns libcurl: it runs HTTP exchanges, timers and jobs that others post. It
// knows nothing of the Hub, of redirects or of retries; each exchange is one request and one
// answer. Everything but post() and stop() happens on that thread, outside of curl's callbacks
// unless it says so.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/result.h"
#include "fs/upstream/headers.h"
#include "fs/upstream/url.h"

namespace hubfs::upstream {

struct LoopConfig {
    std::string proxy;    // empty: none, whatever the environment says
    std::string ca_file;  // empty: the system's
    std::string user_agent;
    std::size_t connections_kept = 32;
};

struct ExchangeRequest {
    Url url;
    std::vector<std::string> headers;  // "Name: value"
    // Content: HTTP/1.1 (one connection per range), as it is. Else HTTP/2 where TLS offers it and
    // compressed where the server likes; the body comes decoded.
    bool content = false;
    std::chrono::milliseconds connect_timeout{};
    std::chrono::milliseconds total_timeout{};  // 0: none
    std::chrono::milliseconds stall_timeout{};  // slower than kLowSpeed so long; 0: none
};

// Told of one exchange, in this order.
class ExchangeEvents {
public:
    virtual ~ExchangeEvents() = default;
    // Inside curl: may post(), must not start or stop exchanges. False ends the exchange.
    virtual bool on_head(const ResponseHead& head) = 0;
    virtual bool on_body(std::span<const std::byte> bytes) = 0;
    // Exactly once, unless stop_exchange() came first. cancelled: on_head or on_body said false.
    virtual void on_end(Status status) = 0;
};

class TransferLoop {
public:
    using Job = std::move_only_function<void()>;
    using Id = std::uint64_t;  // never 0

    static Result<std::unique_ptr<TransferLoop>> start(LoopConfig config, const Clock& clock);
    ~TransferLoop();
    TransferLoop(const TransferLoop&) = delete;
    TransferLoop& operator=(const TransferLoop&) = delete;

    // From any thread. False once stop() was called: the job will not run.
    [[nodiscard]] bool post(Job job);
    // Runs what was posted and then `last` on the thread, and ends it. Not from the thread itself.
    void stop(Job last);

    Result<Id> start_exchange(const ExchangeRequest& request,
                              std::shared_ptr<ExchangeEvents> events);
    void stop_exchange(Id id);  // no event follows; unknown ids are fine
    Id at(Steady when, Job job);
    void cancel_timer(Id id);

    // Connections made so far; from any thread.
    [[nodiscard]] std::uint64_t connections_made() const;

    class Impl;
    explicit TransferLoop(std::unique_ptr<Impl> impl);  // for start()

private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace hubfs::upstream
