// SPDX-License-Identifier: Apache-2.0
// One question to the Hub's API from beginning to end: redirects on the Hub's own host, retries,
// the quota, the deadline. Lives on the loop's thread; ends exactly once. Internal.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "fs/upstream/core.h"
#include "fs/upstream/source.h"

namespace hubfs::upstream {

class ApiCall : public Operation,
                public ExchangeEvents,
                public std::enable_shared_from_this<ApiCall> {
public:
    ApiCall(Core& core, ApiRequest request, Done<ApiResponse> done);

    void start();
    void abort(Error error) override;

    bool on_head(const ResponseHead& head) override;
    bool on_body(std::span<const std::byte> bytes) override;
    void on_end(Status status) override;

private:
    void ask();
    void follow(std::string_view location);
    void answer();
    void retry_after(Error error);
    void finish(Result<ApiResponse> result);
    [[nodiscard]] bool redirect() const;

    Core& core_;
    const ApiRequest request_;
    Done<ApiResponse> done_;  // empty once it has ended
    Url url_;
    Steady deadline_{};
    TransferLoop::Id deadline_timer_ = 0;
    TransferLoop::Id retry_timer_ = 0;
    TransferLoop::Id exchange_ = 0;
    int redirects_ = 0;
    unsigned failures_ = 0;
    ResponseHead head_;
    std::string body_;
    std::size_t unwanted_bytes_ = 0;
    std::optional<Error> verdict_;  // why on_head or on_body ended the exchange
};

}  // namespace hubfs::upstream
