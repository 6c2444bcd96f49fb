// SPDX-License-Identifier: Apache-2.0
#include "httpd/mount/known_names.h"

#include <gtest/gtest.h>

namespace httpd::mount {
namespace {

const hubfs::Instant kNow{};

TEST(KnownNames, are_known_until_they_expire) {
    KnownNames known(10);
    known.remember("a", kNow + std::chrono::seconds(1));
    EXPECT_TRUE(known.contains("a", kNow));
    EXPECT_FALSE(known.contains("a", kNow + std::chrono::seconds(1)));
    EXPECT_FALSE(known.contains("b", kNow));
}

TEST(KnownNames, are_bounded) {
    KnownNames known(10);
    std::size_t left = 0;
    for (int i = 0; i < 1000; ++i) {
        known.remember(std::to_string(i), kNow + std::chrono::seconds(1));
    }
    for (int i = 0; i < 1000; ++i) {
        left += static_cast<std::size_t>(known.contains(std::to_string(i), kNow));
    }
    EXPECT_GT(left, 0U);
    EXPECT_LE(left, 10U);
}

}  // namespace
}  // namespace httpd::mount
