// SPDX-License-Identifier: Apache-2.0
#include "httpd/mount/known_names.h"

#include <gtest/gtest.h>

namespace httpd::mount {
namespace {

const hubfs::Instant kNow{};

TEST(KnownNames, are_known_until_they_expire) {
    KnownNames known(10);
    known.remember("a", kNow + std::chrono::seconds(1), kNow);
    EXPECT_TRUE(known.contains("a", kNow));
    EXPECT_FALSE(known.contains("a", kNow + std::chrono::seconds(1)));
    EXPECT_FALSE(known.contains("b", kNow));
}

TEST(KnownNames, were_known_before_only_to_who_began_later) {
    using std::chrono::seconds;
    KnownNames known(10);
    known.remember("a", kNow + seconds(10), kNow + seconds(2));
    EXPECT_FALSE(known.known_before("a", kNow + seconds(1), kNow + seconds(3)));
    EXPECT_TRUE(known.known_before("a", kNow + seconds(2), kNow + seconds(3)));
    known.remember("a", kNow + seconds(11), kNow + seconds(4));  // another one of the first
    EXPECT_TRUE(known.known_before("a", kNow + seconds(3), kNow + seconds(5)));
    EXPECT_FALSE(known.known_before("a", kNow + seconds(3), kNow + seconds(11)));
    known.remember("a", kNow + seconds(30), kNow + seconds(12));  // forgotten in between
    EXPECT_FALSE(known.known_before("a", kNow + seconds(11), kNow + seconds(13)));
}

TEST(KnownNames, are_bounded) {
    KnownNames known(10);
    std::size_t left = 0;
    for (int i = 0; i < 1000; ++i) {
        known.remember(std::to_string(i), kNow + std::chrono::seconds(1), kNow);
    }
    for (int i = 0; i < 1000; ++i) {
        left += static_cast<std::size_t>(known.contains(std::to_string(i), kNow));
    }
    EXPECT_GT(left, 0U);
    EXPECT_LE(left, 10U);
}

}  // namespace
}  // namespace httpd::mount
