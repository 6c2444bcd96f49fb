// SPDX-License-Identifier: Apache-2.0
// Turns made by hand over a clock moved by hand; no content is chosen, so that a job only needs the
// commit's tree. With content: tests/e2e/follow_test.py.
#include "fs/app/follower.h"

#include "fs/app/limits.h"
#include "fs/meta/blob_table.h"
#include "tests/fs/meta/meta_fixture.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace hubfs::app {
namespace {

using namespace meta::test;
using std::chrono::minutes;
using std::chrono::seconds;

class FollowerTest : public CatalogTest {
protected:
    void SetUp() override {
        CatalogTest::SetUp();
        blobs_ = std::make_unique<meta::BlobTable>(*database_);
        cache::CacheConfig config;
        config.dirs = {dir_.path() + "/cache"};
        auto cache = cache::BlockCache::open(std::move(config), *blobs_, source_, clock_);
        ASSERT_TRUE(cache) << cache.error().message;
        cache_ = std::move(*cache);
        make_follower();
    }
    void TearDown() override {
        go_ = true;
        follower_->stop();
        jobs_->stop();
        source_.release();
        jobs_.reset();
        follower_.reset();
        cache_.reset();
        blobs_.reset();
        CatalogTest::TearDown();
    }
    void make_follower() {
        jobs_ = std::make_unique<Jobs>(clock_);
        follower_ = std::make_unique<Follower>(FollowerParts{.jobs = *jobs_,
                                                             .catalog = *catalog_,
                                                             .cache = *cache_,
                                                             .database = *database_,
                                                             .clock = clock_,
                                                             .every = minutes(15)});
    }
    void set_main(const std::string& id, const std::string& sha) {
        source_.set_json(revision_path(id), info_body(id, sha));
        source_.set_json(tree_path(id, sha), "[" + tree_file("a.bin") + "]");
        source_.set_json(revision_path(id, sha), info_body(id, sha));
    }
    static FilesRequest nothing_of(const std::string& id) {
        return {model(id), "main", {"no such file"}, {}};
    }
    FollowView one() {
        const auto all = follower_->all();
        EXPECT_TRUE(all && all->size() == 1);
        return all && !all->empty() ? all->front() : FollowView{};
    }
    // Until no follow has a job under way; the jobs so far.
    std::size_t idle() {
        const auto running = [&] {
            const auto all = follower_->all();
            return std::ranges::any_of(*all, [](const FollowView& view) { return view.running; });
        };
        while (running()) {
            std::this_thread::yield();
        }
        return jobs_->all().size();
    }
    std::string complete() {
        const auto commit = catalog_->commit_by_number(one().follow.row.complete);
        return commit ? commit->id.hex() : "none";
    }
    void pass(Duration time) {
        clock_.advance(time);
        follower_->turn();
    }

    std::atomic<bool> go_ = false;
    std::unique_ptr<meta::BlobTable> blobs_;
    std::unique_ptr<cache::BlockCache> cache_;
    std::unique_ptr<Jobs> jobs_;
    std::unique_ptr<Follower> follower_;
};

TEST_F(FollowerTest, AJobRunsAtOnceAndThenForEachNewCommit) {
    set_main("a/b", kSha);
    ASSERT_TRUE(follower_->add(nothing_of("a/b")));
    EXPECT_EQ(idle(), 1U);
    EXPECT_EQ(complete(), kSha);
    EXPECT_EQ(one().asked, clock_.now());
    EXPECT_EQ(follower_->turn(), Duration(minutes(15)));
    pass(minutes(16));
    EXPECT_EQ(idle(), 1U);  // asked, and it is the same
    EXPECT_EQ(one().asked, clock_.now());
    set_main("a/b", kOtherSha);
    pass(minutes(1));  // not due
    EXPECT_EQ(idle(), 1U);
    pass(minutes(15));
    EXPECT_EQ(idle(), 2U);
    EXPECT_EQ(complete(), kOtherSha);
    EXPECT_EQ(one().follow.row.coming, 0U);
    EXPECT_EQ(one().error, "");
    set_main("a/b", kSha);  // moved back by force
    pass(minutes(15));
    EXPECT_EQ(idle(), 3U);
    EXPECT_EQ(complete(), kSha);
}

TEST_F(FollowerTest, AFailureLeavesWhatIsHereAndIsTriedAgainAtTheNextTurn) {
    set_main("a/b", kSha);
    ASSERT_TRUE(follower_->add(nothing_of("a/b")));
    idle();
    set_main("a/b", kOtherSha);
    source_.set_api(tree_path("a/b", kOtherSha), Error{Code::unavailable, "fake: broken"});
    pass(minutes(15));
    EXPECT_EQ(idle(), 2U);
    EXPECT_EQ(complete(), kSha);
    EXPECT_NE(one().error, "");
    pass(minutes(1));
    EXPECT_EQ(idle(), 2U);
    set_main("a/b", kOtherSha);
    pass(minutes(14));
    EXPECT_EQ(idle(), 3U);
    EXPECT_EQ(complete(), kOtherSha);
    EXPECT_EQ(one().error, "");
}

TEST_F(FollowerTest, WhatUpstreamDoesNotAnswerIsToldAndAskedOnceMoreSoon) {
    set_main("a/b", kSha);
    ASSERT_TRUE(follower_->add(nothing_of("a/b")));
    idle();
    const Instant asked = clock_.now();
    fail_all(Code::unreachable);
    source_.set_api(revision_path("a/b"), Error{Code::unreachable, "fake: broken"});
    clock_.advance(minutes(15));
    EXPECT_EQ(follower_->turn(), Duration(kFollowAgain));
    EXPECT_NE(one().error, "");
    EXPECT_EQ(one().asked, asked);
    clock_.advance(kFollowAgain);
    EXPECT_EQ(follower_->turn(), Duration(minutes(15)));
    EXPECT_EQ(idle(), 1U);
    set_main("a/b", kSha);
    pass(minutes(15));
    EXPECT_EQ(one().error, "");
    EXPECT_EQ(one().asked, clock_.now());
}

TEST_F(FollowerTest, OnlyAFewJobsRunAtATimeAndTheOthersFollow) {
    for (const std::string id : {"a/b", "a/c", "a/d"}) {
        set_main(id, kSha);
        meta::Follow follow{model(id), "main", {}};
        follow.row.include = {"no such file"};
        ASSERT_TRUE(meta::FollowTable(*database_).put(follow));
        source_.set_api(tree_path(id), [this](const upstream::ApiRequest&) {
            while (!go_) {
                std::this_thread::yield();
            }
            return Result<upstream::ApiResponse>(
                std::unexpected(Error{Code::unavailable, "fake: broken"}));
        });
    }
    follower_->turn();
    EXPECT_EQ(jobs_->all().size(), kFollowJobs);
    follower_->turn();
    EXPECT_EQ(jobs_->all().size(), kFollowJobs);
    go_ = true;
    idle();
    follower_->turn();
    EXPECT_EQ(idle(), 3U);
}

TEST_F(FollowerTest, ACommitIsNotFollowedAndOtherPatternsBeginAnew) {
    const auto commit = follower_->add({model("a/b"), kSha, {}, {}});
    ASSERT_FALSE(commit);
    EXPECT_EQ(commit.error().code, Code::invalid);
    set_main("a/b", kSha);
    ASSERT_TRUE(follower_->add(nothing_of("a/b")));
    idle();
    const Instant since = one().follow.row.since;
    ASSERT_TRUE(follower_->add(nothing_of("a/b")));
    EXPECT_EQ(idle(), 2U);
    EXPECT_EQ(one().follow.row.since, since);
    auto other = nothing_of("a/b");
    other.include = {"nor this one"};
    ASSERT_TRUE(follower_->add(other));
    EXPECT_EQ(idle(), 3U);
    EXPECT_GT(one().follow.row.since, since);
    EXPECT_EQ(one().follow.row.include, other.include);
    EXPECT_EQ(complete(), kSha);
    EXPECT_TRUE(*follower_->remove(model("a/b"), "main"));
    EXPECT_FALSE(*follower_->remove(model("a/b"), "main"));
    EXPECT_TRUE(follower_->all()->empty());
}

TEST_F(FollowerTest, AfterTheStopNothingBegins) {
    set_main("a/b", kSha);
    follower_->stop();
    const auto job = follower_->add(nothing_of("a/b"));
    ASSERT_FALSE(job);
    EXPECT_EQ(job.error().code, Code::cancelled);
    follower_->turn();
    EXPECT_TRUE(jobs_->all().empty());
    EXPECT_EQ(source_.api_count(), 0U);
    EXPECT_EQ(one().follow.repo, model("a/b"));  // for the next daemon
}

}  // namespace
}  // namespace hubfs::app
