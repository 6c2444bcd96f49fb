// SPDX-License-Identifier: Apache-2.0
#include "fs/supervisor/lock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace hubfs::supervisor {
namespace {

class Lock : public ::testing::Test {
protected:
    Lock() {
        std::string name = ::testing::TempDir() + "/lockXXXXXX";
        root_ = mkdtemp(name.data());
    }
    ~Lock() override { std::filesystem::remove_all(root_); }
    std::string root_;
};

TEST_F(Lock, TheSecondHolderIsRefusedAtOnceAndNamesTheFirst) {
    const auto first = lock_run_dir(root_ + "/run");
    ASSERT_TRUE(first);
    const auto second = lock_run_dir(root_ + "/run");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::unsupported);
    EXPECT_NE(second.error().message.find(std::to_string(getpid())), std::string::npos);
}

TEST_F(Lock, ItIsFreeAgainWhenItsHolderEnds) {
    {
        ASSERT_TRUE(lock_run_dir(root_));
    }
    EXPECT_TRUE(lock_run_dir(root_));
}

TEST_F(Lock, ARunDirectoryThatCannotBeMadeIsAPrerequisite) {
    ASSERT_TRUE(lock_run_dir(root_));
    const auto lock = lock_run_dir(root_ + "/hubfs.lock/below");
    ASSERT_FALSE(lock);
    EXPECT_EQ(lock.error().code, Code::unsupported);
}

TEST_F(Lock, AMountPointIsClaimedOnceWhileItIsMounted) {
    const auto first = claim_mount_point(root_, false);
    ASSERT_TRUE(first);
    EXPECT_TRUE(first->valid());
    EXPECT_FALSE(claim_mount_point(root_, true));
    // A name that somebody squats on stops nobody where nothing is mounted.
    const auto squatted = claim_mount_point(root_, false);
    ASSERT_TRUE(squatted);
    EXPECT_FALSE(squatted->valid());
    EXPECT_TRUE(claim_mount_point(root_ + "/other", true));
}

}  // namespace
}  // namespace hubfs::supervisor
