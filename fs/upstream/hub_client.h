// SPDX-License-Identifier: Apache-2.0
// The real Source: the Hub over libcurl, on one thread of its own. Answers come on that thread,
// except refusals that need no asking (offline, invalid requests), which come at once.
//
// What it promises beyond source.h: content goes only to the Hub and to the allowed hosts, always
// as a bounded range and never with the token; the token goes only to the Hub's own origin; what
// comes has the length that was expected; addresses with rights in them are neither kept on disk
// nor logged nor part of a message.
#pragma once

#include <memory>
#include <string>

#include "fs/base/clock.h"
#include "fs/base/result.h"
#include "fs/upstream/config.h"
#include "fs/upstream/source.h"

namespace hubfs::upstream {

struct Core;

class HubClient : public Source {
public:
    // Code::invalid when the configuration cannot work; nothing is asked yet.
    static Result<std::unique_ptr<HubClient>> open(UpstreamConfig config, const Clock& clock);
    explicit HubClient(std::shared_ptr<Core> core);  // for open()
    // Answers what is left with Code::cancelled. Not from a callback.
    ~HubClient() override;

    void api(ApiRequest request, Done<ApiResponse> done) override;
    std::shared_ptr<Transfer> content(ContentRequest request,
                                      std::shared_ptr<ContentSink> sink) override;

    // Counters as a JSON object (stats.h). Thread-safe.
    [[nodiscard]] std::string stats_json() const;

private:
    // Nothing, or why this is refused without asking.
    [[nodiscard]] Status admit(const Status& valid);

    std::shared_ptr<Core> core_;
};

}  // namespace hubfs::upstream
