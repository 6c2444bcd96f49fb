// SPDX-License-Identifier: Apache-2.0
// The handler of every request: finds the route, sends it to the right pool, and what is not ours
// to upstream. Thread-safe; runs on event loops and never blocks them.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "httpd/http/forwarder.h"
#include "httpd/http/response.h"
#include "httpd/routes/context.h"
#include "httpd/routes/route.h"
#include "httpd/routes/watchdog.h"

namespace httpd::routes {

// What /healthz waits for the mount.
inline constexpr std::chrono::milliseconds kHealthPatience{2000};

class Site final : public http::Handler {
public:
    // Both outlive the site and every request.
    Site(Context context, http::Forwarder& forwarder)
        : context_(context), forwarder_(forwarder), watchdog_(context.settings.patience) {}

    void handle(http::Request request, http::Reply reply) override;

private:
    struct Call;  // a request on its way, with the reply it will get

    void with_body(std::shared_ptr<Call> call);
    void to_pool(std::shared_ptr<Call> call);
    void run(const std::shared_ptr<Call>& call, bool cold);
    void finish(const std::shared_ptr<Call>& call, Outcome outcome, bool cold);
    // The answer to a call that was in a pool; nothing when the watchdog was faster.
    void reply(Call& call, http::Response response);
    void forward(const std::shared_ptr<Call>& call, PassThrough how, http::Response otherwise);
    [[nodiscard]] bool expected_quick(const Call& call) const;
    // The answers that need no pool; false when the request needs one.
    bool answer_here(Call& call);

    const Context context_;
    http::Forwarder& forwarder_;
    [[nodiscard]] Watchdog& watchdog_for(Kind kind) {
        return kind == Kind::health ? health_watchdog_ : watchdog_;
    }
    Watchdog watchdog_;  // of what is in the pools
    // Who asks whether we are well waits for no mount that hangs.
    Watchdog health_watchdog_{kHealthPatience};
};

}  // namespace httpd::routes
