// SPDX-License-Identifier: Apache-2.0
#include "httpd/mount/ref_value.h"

#include <gtest/gtest.h>

namespace httpd::mount {
namespace {

using http::CacheResult;

const std::string kCommit(40, 'a');
const hubfs::Instant kThen = *hubfs::instant_from("2026-11-21T15:04:05.000000Z");

TEST(RefValue, is_read_word_by_word) {
    const auto value = parse_ref_value("commit=" + kCommit +
                                       " checked=2026-11-21T15:04:05.000000Z how=revalidated "
                                       "new=word expires=2026-11-21T15:09:05.000000Z");
    ASSERT_TRUE(value);
    EXPECT_EQ(value->commit, kCommit);
    EXPECT_EQ(value->fresh.checked, kThen);
    EXPECT_EQ(value->fresh.expires, kThen + std::chrono::minutes(5));
    EXPECT_EQ(value->fresh.how, How::revalidated);
    EXPECT_TRUE(parse_ref_value("commit=" + kCommit));
    for (const std::string& bad : {std::string(), std::string("commit=main"),
                                   std::string("checked=x"), "commit =" + kCommit}) {
        EXPECT_FALSE(parse_ref_value(bad)) << bad;
    }
}

TEST(RefValue, x_cache_is_true_for_this_request) {
    const auto result = [](How how, std::chrono::seconds after_start) {
        return cache_result({kThen + after_start, {}, how}, kThen);
    };
    using std::chrono::seconds;
    EXPECT_EQ(result(How::fetched, seconds(-1)), CacheResult::hit);
    EXPECT_EQ(result(How::revalidated, seconds(-1)), CacheResult::hit);
    EXPECT_EQ(result(How::fetched, seconds(0)), CacheResult::miss);
    EXPECT_EQ(result(How::fetched, seconds(1)), CacheResult::miss);
    EXPECT_EQ(result(How::revalidated, seconds(1)), CacheResult::revalidated);
    EXPECT_EQ(result(How::stale, seconds(1)), CacheResult::hit);
    EXPECT_EQ(cache_result({}, kThen), CacheResult::hit);
}

TEST(RefValue, cache_status_says_how_long_it_lives) {
    const Freshness fresh{kThen, kThen + std::chrono::seconds(30), How::fetched};
    EXPECT_EQ(cache_status(CacheResult::hit, fresh, kThen), "hit; ttl=30");
    EXPECT_EQ(cache_status(CacheResult::hit, fresh, kThen + std::chrono::seconds(42)),
              "hit; ttl=-12");
    EXPECT_EQ(cache_status(CacheResult::hit, {}, kThen), "hit");
    EXPECT_EQ(cache_status(CacheResult::revalidated, fresh, kThen), "fwd=stale; fwd-status=304");
}

}  // namespace
}  // namespace httpd::mount
