// SPDX-License-Identifier: Apache-2.0
#include "httpd/mount/epoch.h"

#include <filesystem>

#include "tests/httpd/temp_mount.h"
#include "tests/support/test_clock.h"

namespace httpd::mount {
namespace {

TEST(Epoch, is_at_most_a_quarter_of_a_second_old) {
    test::TempMount mount;
    const MountReader reader(mount.root());
    hubfs::test::TestClock clock;
    Epoch epoch(reader, clock);
    EXPECT_EQ(epoch.current().value(), 1U);
    mount.write(".status/epoch", "7\n");
    clock.advance(std::chrono::milliseconds(249));
    EXPECT_EQ(epoch.current().value(), 1U);
    clock.advance(std::chrono::milliseconds(1));
    EXPECT_EQ(epoch.current().value(), 7U);
    mount.write(".status/epoch", "8\n");
    EXPECT_EQ(epoch.fresh().value(), 8U);
}

TEST(Epoch, that_cannot_be_read_means_no_mount) {
    test::TempMount mount;
    const MountReader reader(mount.root());
    hubfs::test::TestClock clock;
    Epoch epoch(reader, clock);
    EXPECT_TRUE(epoch.current());
    std::filesystem::remove(mount.root() + "/.status/epoch");
    EXPECT_EQ(epoch.fresh().error(), ENOENT);
    EXPECT_FALSE(epoch.current());
    mount.write(".status/epoch", "nonsense");
    EXPECT_EQ(epoch.current().error(), EPROTO);
}

}  // namespace
}  // namespace httpd::mount
