// SPDX-License-Identifier: Apache-2.0
// The door to upstream that can be closed while others still hold it. The catalogue and the cache
// keep a reference to their Source for life; at a stop everything under way there must be answered
// before they are taken apart, and nothing new may begin. Thread-safe.
#pragma once

#include <memory>

#include "fs/base/guarded.h"
#include "fs/upstream/source.h"

namespace hubfs::app {

class SourceGate final : public upstream::Source {
public:
    explicit SourceGate(std::shared_ptr<upstream::Source> behind) : behind_(std::move(behind)) {}

    // Destroys the source behind, which answers what is left with Code::cancelled; every later call
    // is answered so at once. Not from a callback. Calls under way in other threads are waited for;
    // they never block.
    void close();

    void api(upstream::ApiRequest request, Done<upstream::ApiResponse> done) override;
    std::shared_ptr<upstream::Transfer> content(
        upstream::ContentRequest request, std::shared_ptr<upstream::ContentSink> sink) override;

private:
    [[nodiscard]] std::shared_ptr<upstream::Source> behind() const {
        return behind_.with([](const auto& source) { return source; });
    }

    Guarded<std::shared_ptr<upstream::Source>> behind_;
};

}  // namespace hubfs::app
