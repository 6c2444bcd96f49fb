// SPDX-License-Identifier: Apache-2.0
#include "fs/cache/fetch_queue.h"

#include <gtest/gtest.h>

#include <string>

namespace hubfs::cache {
namespace {

class Queue : public ::testing::Test {
protected:
    static StatePtr content(std::uint8_t name) {
        Content c;
        c.hash.bytes[0] = name;
        c.size_bytes = 1 << 20;
        return std::make_shared<ContentState>(c, BlockLedger(Geometry{c.size_bytes, 4096}));
    }
    // "A1d" is block 1 of content A, demanded; "A1a" read ahead.
    FetchJob job(const std::string& name) {
        const StatePtr& state = name[0] == 'A' ? a_ : name[0] == 'B' ? b_ : c_;
        const auto block = static_cast<std::uint64_t>(name[1] - '0');
        return {state, {block, block + 1}, 0, name[2] == 'd'};
    }
    std::vector<FetchJob> jobs(const std::vector<std::string>& names) {
        std::vector<FetchJob> out;
        for (const std::string& name : names) {
            out.push_back(job(name));
        }
        return out;
    }
    std::string started() { return std::exchange(started_, {}); }
    FetchQueue::Start start() {
        return [this](const FetchJob& job) {
            started_ += job.state == a_ ? 'A' : job.state == b_ ? 'B' : 'C';
            started_ += static_cast<char>('0' + job.blocks.first);
            started_ += ' ';
        };
    }

    StatePtr a_ = content(1), b_ = content(2), c_ = content(3);
    std::string started_;
};

TEST_F(Queue, StartsAsManyAsThereAreConnections) {
    FetchQueue queue(2, start());
    queue.push(jobs({"A1d", "A2d", "A3d"}));
    EXPECT_EQ(started(), "A1 A2 ");
    EXPECT_EQ(queue.running(), 2U);
    EXPECT_EQ(queue.queued(), 1U);
    queue.finished(*a_);
    EXPECT_EQ(started(), "A3 ");
}

TEST_F(Queue, WhatSomebodyWaitsForGoesFirst) {
    FetchQueue queue(1, start());
    queue.push(jobs({"A1a", "A2a", "A3d"}));
    EXPECT_EQ(started(), "A3 ");
    queue.finished(*a_);
    EXPECT_EQ(started(), "A1 ");
}

TEST_F(Queue, ReadAheadNeverTakesTheLastConnection) {
    FetchQueue queue(3, start());
    queue.push(jobs({"A1a", "A2a", "A3a"}));
    EXPECT_EQ(started(), "A1 A2 ");
    queue.push(jobs({"B1d"}));
    EXPECT_EQ(started(), "B1 ");
    queue.finished(*b_);
    EXPECT_EQ(started(), "");
    queue.finished(*a_);
    EXPECT_EQ(started(), "A3 ");
}

TEST_F(Queue, AContentWithFewerTransfersHasItsTurn) {
    FetchQueue queue(2, start());
    queue.push(jobs({"A1d", "A2d", "A3d", "A4d"}));
    queue.push(jobs({"B1d", "B2d", "C1d"}));
    EXPECT_EQ(started(), "A1 A2 ");
    queue.finished(*a_);
    queue.finished(*a_);
    EXPECT_EQ(started(), "B1 C1 ");
    queue.finished(*c_);
    queue.finished(*b_);
    EXPECT_EQ(started(), "A3 B2 ");
}

TEST_F(Queue, ReadAheadThatIsWaitedForMovesUp) {
    FetchQueue queue(1, start());
    queue.push(jobs({"C1d"}));
    queue.push(jobs({"A1a", "A2a", "B1d"}));
    queue.promote(*a_, {2, 3});
    queue.promote(*b_, {7, 8});
    queue.finished(*c_);
    queue.finished(*b_);
    queue.finished(*a_);
    EXPECT_EQ(started(), "C1 A2 B1 A1 ");
}

TEST_F(Queue, TakenJobsDoNotStart) {
    FetchQueue queue(1, start());
    queue.push(jobs({"C1d"}));
    queue.push(jobs({"A1a", "A2d", "B1a"}));
    EXPECT_EQ(queue.take(*a_).size(), 2U);
    EXPECT_TRUE(queue.take(*a_).empty());
    queue.finished(*c_);
    EXPECT_EQ(started(), "C1 B1 ");
}

TEST_F(Queue, JobsThatEndInsideTheirStartDoNotPileUpOnTheStack) {
    std::size_t depth = 0;
    std::size_t deepest = 0;
    FetchQueue* self = nullptr;
    FetchQueue queue(1, [&](const FetchJob& job) {
        deepest = std::max(deepest, ++depth);
        self->finished(*job.state);
        --depth;
    });
    self = &queue;
    std::vector<FetchJob> many;
    for (std::uint64_t block = 0; block < 200; ++block) {
        many.push_back({a_, {block, block + 1}, 0, true});
    }
    queue.push(std::move(many));
    EXPECT_EQ(deepest, 1U);
    EXPECT_EQ(queue.queued(), 0U);
    EXPECT_TRUE(queue.wait_idle(std::chrono::milliseconds(0)));
}

TEST_F(Queue, NothingStartsAfterClosing) {
    FetchQueue queue(1, start());
    queue.push(jobs({"A1d", "A2d"}));
    queue.close();
    queue.push(jobs({"B1d"}));
    EXPECT_FALSE(queue.wait_idle(std::chrono::milliseconds(0)));
    queue.finished(*a_);
    EXPECT_EQ(started(), "A1 ");
    EXPECT_TRUE(queue.wait_idle(std::chrono::milliseconds(0)));
}

}  // namespace
}  // namespace hubfs::cache
