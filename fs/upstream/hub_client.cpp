// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/hub_client.h"

#include <algorithm>
#include <utility>

#include "fs/upstream/api_call.h"
#include "fs/upstream/content_fetch.h"

namespace hubfs::upstream {

namespace {

// Text that may stand in a header field's value.
bool valid_field(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

Status check(const ApiRequest& request) {
    if (!valid_target(request.target)) {
        return fail(Code::invalid, "not a request target");
    }
    if (!valid_field(request.if_none_match)) {
        return fail(Code::invalid, "not an entity tag");
    }
    return {};
}

Status check(const ContentRequest& request) {
    if (!valid_repo_id(request.location.repo.id) || request.location.path.empty()) {
        return fail(Code::invalid, "not the place of a content");
    }
    if (request.range.empty() || request.range.end > request.content.size_bytes) {
        return fail(Code::invalid, "not a range of the content");
    }
    return {};
}

// A transfer that has ended before it began.
class EndedTransfer : public Transfer {
public:
    void cancel() override {}
};

class FetchHandle : public Transfer {
public:
    FetchHandle(const std::shared_ptr<Core>& core, const std::shared_ptr<ContentFetch>& fetch)
        : core_(core), fetch_(fetch) {}
    void cancel() override {
        const auto core = core_.lock();
        if (core) {
            // Refused when the client is ending: then it cancels everything itself.
            static_cast<void>(core->loop->post([fetch = fetch_] {
                if (const auto live = fetch.lock()) {
                    live->abort({Code::cancelled, "the reader has gone"});
                }
            }));
        }
    }

private:
    std::weak_ptr<Core> core_;
    std::weak_ptr<ContentFetch> fetch_;
};

Error ending() {
    return {Code::cancelled, "upstream is ending"};
}

}  // namespace

Result<std::unique_ptr<HubClient>> HubClient::open(UpstreamConfig config, const Clock& clock) {
    auto hub = parse_url(config.url);
    if (!hub || hub->target.find('?') != std::string::npos) {
        return fail(Code::invalid, "upstream.url: not an http or https address");
    }
    if (!hub->secure && !config.allow_http) {
        return fail(Code::invalid, "upstream.url: plain http is not allowed");
    }
    while (hub->target.ends_with('/')) {
        hub->target.pop_back();
    }
    auto hosts = HostList::parse(config.content_hosts);
    if (!hosts) {
        return within("upstream.content_hosts", hosts.error());
    }
    if (!valid_field(config.token) || !valid_field(config.user_agent)) {
        return fail(Code::invalid, "upstream: the token has characters that no token has");
    }
    if (config.connections == 0 || config.deadline.count() <= 0) {
        return fail(Code::invalid, "upstream: no connections or no time");
    }
    const LoopConfig loop_config{config.proxy, config.ca_file, config.user_agent,
                                 2 * config.connections + 8};
    auto core =
        std::make_shared<Core>(std::move(config), *std::move(hub), *std::move(hosts), clock);
    auto loop = TransferLoop::start(loop_config, clock);
    if (!loop) {
        return std::unexpected(loop.error());
    }
    core->loop = *std::move(loop);
    return std::make_unique<HubClient>(std::move(core));
}

HubClient::HubClient(std::shared_ptr<Core> core) : core_(std::move(core)) {}

HubClient::~HubClient() {
    core_->loop->stop([core = core_.get()] {
        while (!core->operations.empty()) {
            const auto operation = core->operations.extract(core->operations.begin());
            operation.value()->abort(ending());
        }
    });
}

Status HubClient::admit(const Status& valid) {
    Status refused = valid;
    if (refused && core_->config.offline) {
        refused = fail(Code::offline, "upstream.offline is set");
    }
    if (refused) {
        std::size_t left = core_->operations_left;
        while (left > 0 && !core_->operations_left.compare_exchange_weak(left, left - 1)) {
        }
        if (left > 0) {
            return {};
        }
        refused = fail(Code::rate_limited, "too many requests are under way");
    }
    core_->stats.count_failure(refused.error().code);
    return refused;
}

void HubClient::api(ApiRequest request, Done<ApiResponse> done) {
    if (const Status admitted = admit(check(request)); !admitted) {
        return done(std::unexpected(admitted.error()));
    }
    auto call = std::make_shared<ApiCall>(*core_, std::move(request), std::move(done));
    const bool posted = core_->loop->post([core = core_.get(), call] {
        core->operations.insert(call);
        call->start();
    });
    if (!posted) {
        call->abort(ending());
    }
}

std::shared_ptr<Transfer> HubClient::content(ContentRequest request,
                                             std::shared_ptr<ContentSink> sink) {
    if (const Status admitted = admit(check(request)); !admitted) {
        sink->on_done(admitted);
        return std::make_shared<EndedTransfer>();
    }
    auto fetch = std::make_shared<ContentFetch>(*core_, std::move(request), std::move(sink));
    const bool posted = core_->loop->post([core = core_.get(), fetch] {
        core->operations.insert(fetch);
        fetch->start();
    });
    if (!posted) {
        fetch->abort(ending());
        return std::make_shared<EndedTransfer>();
    }
    return std::make_shared<FetchHandle>(core_, fetch);
}

std::string HubClient::stats_json() const {
    return core_->stats.to_json(core_->loop->connections_made());
}

}  // namespace hubfs::upstream
