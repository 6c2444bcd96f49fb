// SPDX-License-Identifier: Apache-2.0
#include "fs/base/socket_path.h"

#include <gtest/gtest.h>

namespace hubfs {
namespace {

TEST(SocketPath, AShortPathIsTakenAsItIs) {
    const auto at = socket_path("/run/hf-mirror/hubfs.sock");
    ASSERT_TRUE(at.has_value());
    EXPECT_STREQ(at->address.sun_path, "/run/hf-mirror/hubfs.sock");
    EXPECT_FALSE(at->directory.valid());
}

TEST(SocketPath, ALongPathGoesThroughItsDirectory) {
    std::string parent = "/tmp";
    for (int i = 0; i < 60; ++i) {
        parent += "/.";
    }
    const auto at = socket_path(parent + "/s.sock");
    ASSERT_TRUE(at.has_value()) << at.error().message;
    EXPECT_EQ(std::string(at->address.sun_path),
              "/proc/self/fd/" + std::to_string(at->directory.get()) + "/s.sock");
}

TEST(SocketPath, SaysWhyThereIsNone) {
    EXPECT_EQ(socket_path("/tmp/" + std::string(200, 'x')).error().code, Code::invalid);
    EXPECT_EQ(socket_path("/nonexistent/" + std::string(200, 'x')).error().code, Code::unreachable);
}

}  // namespace
}  // namespace hubfs
