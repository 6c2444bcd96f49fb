// SPDX-License-Identifier: Apache-2.0
#include "httpd/mount/io_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>

#include "httpd/http/once.h"

namespace httpd::mount {
namespace {

constexpr IoPool::Limits kSmall{
    .quick_threads = 1, .quick_queue = 1, .cold_threads = 3, .cold_queue = 2, .cold_per_repo = 2};

// The same with room in the queue.
constexpr IoPool::Limits kRoomy{
    .quick_threads = 1, .quick_queue = 8, .cold_threads = 3, .cold_queue = 8, .cold_per_repo = 2};

bool cold(IoPool& pool, const std::string& repo, IoPool::Job job) {
    return pool.cold(repo, job);
}

TEST(IoPool, quick_work_does_not_wait_for_cold_work) {
    std::promise<void> release;
    const auto released = release.get_future().share();
    std::latch running(3);
    IoPool pool(kRoomy);
    for (const auto* repo : {"a", "a", "b"}) {
        ASSERT_TRUE(cold(pool, repo, [&] {
            running.count_down();
            released.wait();
        }));
    }
    running.wait();
    std::promise<void> done;
    IoPool::Job job = [&] { done.set_value(); };
    ASSERT_TRUE(pool.quick(job));
    done.get_future().wait();
    release.set_value();
}

TEST(IoPool, one_repository_takes_only_its_share_of_cold_threads) {
    std::promise<void> release;
    const auto released = release.get_future().share();
    std::latch busy(2);
    std::atomic<int> third{0};
    IoPool pool(kRoomy);
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(cold(pool, "a", [&] {
            busy.count_down();
            released.wait();
        }));
    }
    busy.wait();
    ASSERT_TRUE(cold(pool, "a", [&] { third = 1; }));  // waits although a thread is free
    std::promise<void> other;
    ASSERT_TRUE(cold(pool, "b", [&] { other.set_value(); }));
    other.get_future().wait();
    EXPECT_EQ(third, 0);
    release.set_value();
}

TEST(IoPool, a_full_queue_refuses_new_work_but_not_the_next_step) {
    std::promise<void> release;
    const auto released = release.get_future().share();
    std::latch busy(2);
    std::atomic<int> steps{0};
    {
        IoPool pool(kSmall);
        for (int i = 0; i < 2; ++i) {
            ASSERT_TRUE(cold(pool, "a", [&] {
                busy.count_down();
                released.wait();
            }));
        }
        busy.wait();
        EXPECT_TRUE(cold(pool, "a", [&] { ++steps; }));
        EXPECT_TRUE(cold(pool, "a", [&] { ++steps; }));
        EXPECT_FALSE(cold(pool, "a", [&] { ++steps; }));
        EXPECT_FALSE(cold(pool, "b", [&] { ++steps; }));
        pool.cold_step("a", [&] { ++steps; });
        release.set_value();
    }  // the end runs what is queued
    EXPECT_EQ(steps, 3);
}

TEST(IoPool, abandoned_work_is_answered_by_its_fallback) {
    std::promise<void> release;
    const auto released = release.get_future().share();
    std::latch busy(1);
    std::atomic<int> answer{0};
    IoPool pool(kSmall);
    IoPool::Job first = [&] {
        busy.count_down();
        released.wait();
    };
    ASSERT_TRUE(pool.quick(first));
    busy.wait();
    http::Once<int> once([&](int value) { answer = value; }, 7);
    pool.quick_step([once = std::move(once)]() mutable { once(1); });
    pool.abandon();
    EXPECT_EQ(answer, 7);
    release.set_value();
}

}  // namespace
}  // namespace httpd::mount
