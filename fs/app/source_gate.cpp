// SPDX-License-Identifier: Apache-2.0
#include "fs/app/source_gate.h"

#include <chrono>
#include <thread>
#include <utility>

namespace hubfs::app {

namespace {

constexpr const char* kClosed = "hubfs is stopping";

class NoTransfer final : public upstream::Transfer {
public:
    void cancel() override {}
};

}  // namespace

void SourceGate::close() {
    std::shared_ptr<upstream::Source> last =
        behind_.with([](auto& source) { return std::exchange(source, nullptr); });
    // Nobody can take another copy; who has one is inside of a call that does not block. The last
    // copy must go here: a source may not be destroyed on its own thread.
    while (last.use_count() > 1) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

void SourceGate::api(upstream::ApiRequest request, Done<upstream::ApiResponse> done) {
    if (const auto source = behind()) {
        source->api(std::move(request), std::move(done));
        return;
    }
    done(fail(Code::cancelled, kClosed));
}

std::shared_ptr<upstream::Transfer> SourceGate::content(
    upstream::ContentRequest request, std::shared_ptr<upstream::ContentSink> sink) {
    if (const auto source = behind()) {
        return source->content(std::move(request), std::move(sink));
    }
    sink->on_done(fail(Code::cancelled, kClosed));
    return std::make_shared<NoTransfer>();
}

}  // namespace hubfs::app
