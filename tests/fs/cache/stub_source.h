// SPDX-License-Identifier: Apache-2.0
// An upstream whose transfers are one function of the test: for answers that break the rules of
// Source, which FakeSource never gives. The function runs on the thread that asks.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "fs/upstream/source.h"

namespace hubfs::test {

class StubSource : public upstream::Source {
public:
    using Content = std::function<void(const upstream::ContentRequest&, upstream::ContentSink&)>;

    explicit StubSource(Content answer) : answer_(std::move(answer)) {}

    void api(upstream::ApiRequest, Done<upstream::ApiResponse> done) override {
        done(fail(Code::unsupported, "stub"));
    }
    std::shared_ptr<upstream::Transfer> content(
        upstream::ContentRequest request, std::shared_ptr<upstream::ContentSink> sink) override {
        class Ended final : public upstream::Transfer {
            void cancel() override {}
        };
        {
            const std::scoped_lock lock(mutex_);
            asked_.push_back(request);
        }
        answer_(request, *sink);
        return std::make_shared<Ended>();
    }
    [[nodiscard]] std::vector<upstream::ContentRequest> asked() const {
        const std::scoped_lock lock(mutex_);
        return asked_;
    }

private:
    const Content answer_;
    mutable std::mutex mutex_;
    std::vector<upstream::ContentRequest> asked_;
};

}  // namespace hubfs::test
