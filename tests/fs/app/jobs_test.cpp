// SPDX-License-Identifier: Apache-2.0
#include "fs/app/jobs.h"

#include <gtest/gtest.h>

#include <future>

#include "fs/app/limits.h"

namespace hubfs::app {
namespace {

class JobsTest : public ::testing::Test {
protected:
    // A job that goes on until `go_` is set or it is cancelled.
    std::uint64_t start_one() {
        const auto id = jobs_.start("test", "it", [this](JobRun& run) -> Status {
            run.expect(2, 100);
            run.advance(1, 40);
            while (!run.cancelled() && !go_) {
                std::this_thread::yield();
            }
            return {};
        });
        EXPECT_TRUE(id) << id.error().message;
        return id.value_or(0);
    }
    JobView ended(std::uint64_t id) {
        for (;;) {
            const auto view = jobs_.find(id);
            if (!view || view->state != JobState::running) {
                return view.value_or(JobView{});
            }
            std::this_thread::yield();
        }
    }

    Clock clock_;
    std::atomic<bool> go_ = false;
    Jobs jobs_{clock_};
};

TEST_F(JobsTest, AJobIsSeenWhileItRunsAndAfterItsEnd) {
    const std::uint64_t id = start_one();
    JobView view;
    while (view.bytes == 0) {
        view = *jobs_.find(id);
    }
    EXPECT_EQ(view.state, JobState::running);
    EXPECT_EQ(view.files, 1U);
    EXPECT_EQ(view.files_total, 2U);
    EXPECT_FALSE(view.ended);
    go_ = true;
    view = ended(id);
    EXPECT_EQ(view.state, JobState::done);
    EXPECT_TRUE(view.ended);
    EXPECT_FALSE(jobs_.cancel(id));
    EXPECT_FALSE(jobs_.find(id + 1));
}

TEST_F(JobsTest, AJobEndsWhenItIsCancelled) {
    const std::uint64_t id = start_one();
    EXPECT_TRUE(jobs_.cancel(id));
    EXPECT_EQ(ended(id).state, JobState::cancelled);
}

TEST_F(JobsTest, OneFailedFileOrAFailureAsAWholeMakesItFailed) {
    const auto file = jobs_.start("test", "", [](JobRun& run) -> Status {
        run.failed_file("a/b", {Code::io, "gone"});
        run.failed_file("c", {Code::io, "too"});
        return {};
    });
    const JobView one = ended(*file);
    EXPECT_EQ(one.state, JobState::failed);
    EXPECT_EQ(one.files_failed, 2U);
    EXPECT_EQ(one.error, "a/b: gone");
    const auto whole =
        jobs_.start("test", "", [](JobRun&) -> Status { return fail(Code::gated, "gated"); });
    EXPECT_EQ(ended(*whole).error, "gated");
    const auto thrown = jobs_.start("test", "", [](JobRun&) -> Status { throw std::bad_alloc(); });
    EXPECT_EQ(ended(*thrown).state, JobState::failed);
}

TEST_F(JobsTest, NoMoreThanTheLimitRunAndOldOnesAreForgotten) {
    std::uint64_t first = 0;
    for (std::size_t i = 0; i < kJobsMax; ++i) {
        const std::uint64_t id = start_one();
        first = first == 0 ? id : first;
    }
    const auto refused = jobs_.start("test", "", [](JobRun&) -> Status { return {}; });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::rate_limited);
    go_ = true;
    ended(first + kJobsMax - 1);
    for (std::size_t i = 0; i < 2 * kJobsKept; ++i) {
        ended(start_one());
    }
    EXPECT_LE(jobs_.all().size(), kJobsKept + kJobsMax);
    EXPECT_FALSE(jobs_.find(first));
}

TEST_F(JobsTest, NothingStartsAfterTheStop) {
    const std::uint64_t id = start_one();
    jobs_.stop();
    EXPECT_EQ(ended(id).state, JobState::cancelled);
    EXPECT_EQ(jobs_.start("test", "", [](JobRun&) -> Status { return {}; }).error().code,
              Code::cancelled);
    jobs_.close();
    EXPECT_TRUE(jobs_.all().empty());
}

}  // namespace
}  // namespace hubfs::app
