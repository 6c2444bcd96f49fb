// SPDX-License-Identifier: Apache-2.0
// Paths only; mounting itself is tested in tests/mount.
#include "fs/supervisor/mounter.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace hubfs::supervisor {
namespace {

class MountPoint : public ::testing::Test {
protected:
    MountPoint() {
        std::string name = ::testing::TempDir() + "/mounterXXXXXX";
        root_ = std::filesystem::canonical(mkdtemp(name.data()));
    }
    ~MountPoint() override { std::filesystem::remove_all(root_); }
    std::filesystem::path root_;
};

TEST_F(MountPoint, IsAbsoluteAndFollowsSymlinks) {
    std::filesystem::create_directory(root_ / "real");
    std::filesystem::create_symlink("real", root_ / "link");
    std::filesystem::create_symlink(root_ / "link", root_ / "far");
    for (const char* name : {"real", "real/", "link", "far", "./x/../real"}) {
        EXPECT_EQ(resolve_mount_point((root_ / name).string()), (root_ / "real").string()) << name;
    }
    EXPECT_EQ(resolve_mount_point((root_ / "new" / "dir").string()),
              (root_ / "new" / "dir").string());
}

TEST_F(MountPoint, ALoopAndTheRootAreRefused) {
    std::filesystem::create_symlink("b", root_ / "a");
    std::filesystem::create_symlink("a", root_ / "b");
    EXPECT_FALSE(resolve_mount_point((root_ / "a").string()));
    EXPECT_FALSE(resolve_mount_point("/"));
}

TEST_F(MountPoint, IsMadeWhenMissingAndMustBeADirectory) {
    EXPECT_TRUE(make_mount_point((root_ / "x" / "y").string()));
    EXPECT_TRUE(std::filesystem::is_directory(root_ / "x" / "y"));
    EXPECT_TRUE(make_mount_point((root_ / "x" / "y").string()));
    std::ofstream(root_ / "file") << "x";
    for (const char* name : {"file", "file/below"}) {
        const Status made = make_mount_point((root_ / name).string());
        ASSERT_FALSE(made) << name;
        EXPECT_EQ(made.error().code, Code::unsupported);
    }
}

}  // namespace
}  // namespace hubfs::supervisor
