// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/signed_urls.h"

#include <gtest/gtest.h>

namespace hubfs::upstream {
namespace {

using std::chrono::seconds;

const Instant kNow = *instant_from("2026-11-21T15:00:00Z");

Url url_with(const std::string& query) {
    return *parse_url("https://cdn.hf.co/x?" + query);
}

std::string unix_time(Instant at) {
    return std::to_string(std::chrono::duration_cast<seconds>(at.time_since_epoch()).count());
}

TEST(SignedAddress, says_itself_when_it_ends) {
    const struct {
        std::string query;
        std::optional<Instant> want;
    } rows[] = {
        {"Expires=" + unix_time(kNow), kNow},
        {"a=1&Expires=" + unix_time(kNow) + "&Policy=x", kNow},
        {"X-Amz-Date=20261121T150000Z&X-Amz-Expires=3600", kNow + seconds(3600)},
        {"X-Amz-Expires=60&X-Amz-Date=20261121T150000Z&Expires=" + unix_time(kNow + seconds(90)),
         kNow + seconds(60)},
        {"X-Amz-Expires=60", std::nullopt},
        {"X-Amz-Date=20261121T150000Z", std::nullopt},
        {"X-Amz-Date=2026-11-21&X-Amz-Expires=60", std::nullopt},
        {"NotExpires=5&Expiresx=5&x=Expires=5", std::nullopt},
        {"Expires=", std::nullopt},
        {"Expires=tomorrow", std::nullopt},
        {"Expires=99999999999999", std::nullopt},
        {"", std::nullopt},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(expiry_of(url_with(row.query)), row.want) << row.query;
    }
}

TEST(SignedAddresses, are_kept_until_shortly_before_they_expire) {
    SignedUrls urls(10);
    const Url url = url_with("Expires=" + unix_time(kNow + seconds(3600)));
    urls.put("a", url, kNow);
    EXPECT_EQ(urls.find("a", kNow + seconds(3539)), url);
    EXPECT_FALSE(urls.find("a", kNow + seconds(3540)));
    EXPECT_EQ(urls.size(), 0U);  // and then dropped
}

TEST(SignedAddresses, without_a_time_live_five_minutes_and_short_ones_most_of_theirs) {
    SignedUrls urls(10);
    urls.put("plain", url_with("x"), kNow);
    EXPECT_TRUE(urls.find("plain", kNow + seconds(239)));
    EXPECT_FALSE(urls.find("plain", kNow + seconds(240)));
    urls.put("short", url_with("Expires=" + unix_time(kNow + seconds(8))), kNow);
    EXPECT_TRUE(urls.find("short", kNow + seconds(5)));
    EXPECT_FALSE(urls.find("short", kNow + seconds(6)));
    urls.put("over", url_with("Expires=" + unix_time(kNow - seconds(1))), kNow);
    EXPECT_FALSE(urls.find("over", kNow));
}

TEST(SignedAddresses, are_bounded_in_number_and_the_oldest_goes) {
    SignedUrls urls(2);
    urls.put("a", url_with("a"), kNow);
    urls.put("b", url_with("b"), kNow);
    urls.put("a", url_with("a2"), kNow);  // renewed: now b is the oldest
    urls.put("c", url_with("c"), kNow);
    EXPECT_EQ(urls.size(), 2U);
    EXPECT_EQ(urls.find("a", kNow), url_with("a2"));
    EXPECT_FALSE(urls.find("b", kNow));
    EXPECT_TRUE(urls.find("c", kNow));
}

TEST(SignedAddresses, a_refused_one_is_forgotten_but_not_its_successor) {
    SignedUrls urls(2);
    urls.put("a", url_with("new"), kNow);
    urls.forget("a", url_with("old"));
    EXPECT_TRUE(urls.find("a", kNow));
    urls.forget("a", url_with("new"));
    EXPECT_FALSE(urls.find("a", kNow));
}

}  // namespace
}  // namespace hubfs::upstream
