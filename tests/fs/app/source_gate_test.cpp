// SPDX-License-Identifier: Apache-2.0
#include "fs/app/source_gate.h"

#include <gtest/gtest.h>

#include <vector>

namespace hubfs::app {
namespace {

// Keeps every question until it is destroyed, then answers "cancelled", as the real one does.
class KeepingSource : public upstream::Source {
public:
    explicit KeepingSource(bool& destroyed) : destroyed_(destroyed) {}
    ~KeepingSource() override {
        for (auto& done : kept_) {
            done(fail(Code::cancelled, "gone"));
        }
        destroyed_ = true;
    }
    void api(upstream::ApiRequest /*request*/, Done<upstream::ApiResponse> done) override {
        kept_.push_back(std::move(done));
    }
    std::shared_ptr<upstream::Transfer> content(
        upstream::ContentRequest /*request*/,
        std::shared_ptr<upstream::ContentSink> /*sink*/) override {
        return nullptr;
    }

private:
    bool& destroyed_;
    std::vector<Done<upstream::ApiResponse>> kept_;
};

class Sink : public upstream::ContentSink {
public:
    bool on_bytes(std::span<const std::byte> /*bytes*/) override { return true; }
    void on_done(Status status) override {
        code = status ? std::nullopt : std::optional(status.error().code);
    }
    std::optional<Code> code;
};

TEST(SourceGate, ClosingAnswersWhatWaitsAndThenEverythingAtOnce) {
    bool destroyed = false;
    SourceGate gate(std::make_shared<KeepingSource>(destroyed));
    std::vector<Code> codes;
    const auto note = [&](Result<upstream::ApiResponse> answer) {
        codes.push_back(answer.error().code);
    };
    gate.api({}, note);
    EXPECT_TRUE(codes.empty());
    gate.close();
    EXPECT_TRUE(destroyed);
    EXPECT_EQ(codes.size(), 1U);
    gate.api({}, note);
    EXPECT_EQ(codes, (std::vector<Code>{Code::cancelled, Code::cancelled}));
    const auto sink = std::make_shared<Sink>();
    const auto transfer = gate.content({}, sink);
    EXPECT_EQ(sink->code, Code::cancelled);
    transfer->cancel();
    gate.close();  // twice is harmless
}

}  // namespace
}  // namespace hubfs::app
