// SPDX-License-Identifier: Apache-2.0
// What the questions and transfers of one HubClient share. Owned by the client; everything but
// `stats` and `operations_left` belongs to the loop's thread. Internal to fs/upstream.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fs/base/clock.h"
#include "fs/base/log_limit.h"
#include "fs/upstream/breaker.h"
#include "fs/upstream/budget.h"
#include "fs/upstream/config.h"
#include "fs/upstream/host_list.h"
#include "fs/upstream/host_slots.h"
#include "fs/upstream/limits.h"
#include "fs/upstream/signed_urls.h"
#include "fs/upstream/stats.h"
#include "fs/upstream/transfer_loop.h"
#include "fs/upstream/url.h"

namespace hubfs::upstream {

// A question or a transfer under way.
class Operation {
public:
    virtual ~Operation() = default;
    virtual void abort(Error error) = 0;  // ends it with this error, unless it has ended
};

class ContentFetch;

struct Core {
    Core(UpstreamConfig settings, Url hub_url, HostList allowed, const Clock& time)
        : config(std::move(settings)),
          clock(time),
          hub(std::move(hub_url)),
          content_hosts(std::move(allowed)),
          slots(config.connections, kQueuedPerHostMax) {}

    const UpstreamConfig config;
    const Clock& clock;
    const Url hub;  // target: the path in front of everything, without a "/" at its end
    const HostList content_hosts;
    Stats stats;
    std::atomic<std::size_t> operations_left = kOperationsMax;

    Budget budget;
    SignedUrls signed_urls{kSignedUrlsMax};
    HostSlots slots;
    // Contents whose address is being found out, and who waits for it (content_fetch.cpp).
    std::unordered_map<std::string, std::vector<std::weak_ptr<ContentFetch>>> resolving;
    std::set<std::shared_ptr<Operation>> operations;  // keeps them alive until they end
    std::unique_ptr<TransferLoop> loop;               // set once, before anything is asked

    [[nodiscard]] bool on_hub(const Url& url) const { return url.same_origin(hub); }
    // Whether a redirect may lead there.
    [[nodiscard]] bool may_ask(const Url& url) const {
        return on_hub(url) || ((url.secure || config.allow_http) && content_hosts.allows(url));
    }
    // Why nothing may be asked of this origin now, if so; a yes counts as the attempt.
    [[nodiscard]] Status admit(const Url& url, QuotaKind quota);
    // Tells what became of an attempt. Only failures to reach the origin count against it.
    void record(const Url& url, const Status& outcome);
    // Counts a failure, and logs it if it is one of upstream's. `path` is what was asked of the
    // Hub, without its query.
    void failed(const Error& error, std::string_view path);
    [[nodiscard]] Duration delay_after(unsigned failures) {
        return retry_delay(config.retry, failures, jitter_(random_));
    }

private:
    Breaker& breaker_of(const Url& url);

    std::map<std::string, Breaker> breakers_;  // by origin
    LogLimit log_limit_;
    std::minstd_rand random_{std::random_device{}()};
    std::uniform_real_distribution<double> jitter_{0.0, 1.0};
};

}  // namespace hubfs::upstream
