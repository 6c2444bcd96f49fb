// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/rsync_config.h"

#include <gtest/gtest.h>

namespace hubfs::cli {
namespace {

RsyncSetup setup_of_root() {
    return {.mount_path = "/mnt/hf",
            .run_dir = "/run/hf-mirror",
            .log_fifo = "/run/hf-mirror/fifo",
            .motd_file = "/run/hf-mirror/motd",
            .chroot = true,
            .user = "nobody",
            .group = "nogroup"};
}

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(RsyncConfig, HasTheOptionsOfAPublicReadOnlyServer) {
    const auto config = rsync_config(setup_of_root());
    ASSERT_TRUE(config.has_value()) << config.error().message;
    for (const char* line : {"use chroot = yes",
                             "munge symlinks = no",
                             "uid = nobody",
                             "gid = nogroup",
                             "read only = yes",
                             "list = yes",
                             "numeric ids = yes",
                             "timeout = 600",
                             "reverse lookup = no",
                             "dont compress = *",
                             "max verbosity = 1",
                             "max connections = 60",
                             "lock file = /run/hf-mirror/rsyncd.lock",
                             "log file = /run/hf-mirror/fifo",
                             "motd file = /run/hf-mirror/motd",
                             "[models]",
                             "path = /mnt/hf/./models",
                             "comment = public model repositories (read-only)",
                             "[datasets]",
                             "path = /mnt/hf/./datasets",
                             "comment = public dataset repositories (read-only)"}) {
        EXPECT_TRUE(has_line(*config, line)) << line;
    }
}

TEST(RsyncConfig, RefusesChecksumAndDeletion) {
    const auto config = rsync_config(setup_of_root());
    const std::size_t at = config->find("refuse options = checksum delete* remove-source-files");
    EXPECT_NE(at, std::string::npos);
    EXPECT_EQ(config->find("insecure links"), std::string::npos);
}

TEST(RsyncConfig, ChangesItsRootToTheMountAndNotIntoAModule) {
    for (const char* path : {"/mnt/hf", "/mnt/hf/", "/mnt/./hf", "/mnt//x/../hf/."}) {
        RsyncSetup setup = setup_of_root();
        setup.mount_path = path;
        EXPECT_TRUE(has_line(*rsync_config(setup), "path = /mnt/hf/./models")) << path;
    }
}

TEST(RsyncConfig, LeavesOutNoFileByItsName) {
    EXPECT_EQ(rsync_config(setup_of_root())->find("exclude"), std::string::npos);
}

TEST(RsyncConfig, NeedsNoRoot) {
    RsyncSetup setup = setup_of_root();
    setup.chroot = false;
    setup.user.clear();
    const auto config = rsync_config(setup);
    EXPECT_TRUE(has_line(*config, "use chroot = no"));
    EXPECT_EQ(config->find("uid = "), std::string::npos);
}

TEST(RsyncConfig, RefusesPathsItCannotHold) {
    for (const char* path : {"", "relative", "/a%HOME%b", "/a\\b", "/a\nb", "/a "}) {
        RsyncSetup setup = setup_of_root();
        setup.mount_path = path;
        EXPECT_FALSE(rsync_config(setup).has_value()) << path;
    }
    RsyncSetup setup = setup_of_root();
    setup.mount_path = "/a b/c";
    EXPECT_TRUE(has_line(*rsync_config(setup), "path = /a b/c/./models"));
}

}  // namespace
}  // namespace hubfs::cli
