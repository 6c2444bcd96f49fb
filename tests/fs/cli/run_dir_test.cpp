// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/run_dir.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "fs/base/fd.h"

namespace hubfs::cli {
namespace {

class RunDir : public testing::Test {
protected:
    RunDir() {
        std::string name = testing::TempDir() + "hfm-run-XXXXXX";
        dir_ = ::mkdtemp(name.data());
    }
    ~RunDir() override { std::filesystem::remove_all(dir_); }
    std::string dir_;
};

TEST_F(RunDir, IsMadeWithAllAboveIt) {
    EXPECT_TRUE(usable_run_dir(dir_ + "/a/b").has_value());
    EXPECT_TRUE(std::filesystem::is_directory(dir_ + "/a/b"));
}

TEST_F(RunDir, ThatCannotBeUsedIsAMissingPrerequisiteWithARemedy) {
    std::ofstream(dir_ + "/file") << "x";
    for (const std::string& path : {dir_ + "/file", dir_ + "/file/run"}) {
        const auto usable = usable_run_dir(path);
        ASSERT_FALSE(usable.has_value()) << path;
        EXPECT_EQ(usable.error().code, Code::unsupported);
        EXPECT_NE(usable.error().message.find("node.run_dir: " + path), std::string::npos);
        EXPECT_NE(usable.error().message.find("choose another"), std::string::npos);
    }
}

TEST_F(RunDir, NobodyIsWaitedForWhereNobodyIs) {
    const auto before = std::chrono::steady_clock::now();
    wait_for_leftover(dir_);
    std::ofstream(dir_ + "/hubfs.lock") << "1\n";
    wait_for_leftover(dir_);
    EXPECT_LT(std::chrono::steady_clock::now() - before, kLeftoverPatience);
}

}  // namespace
}  // namespace hubfs::cli
