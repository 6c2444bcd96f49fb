// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/common_headers.h"

#include <gtest/gtest.h>

namespace httpd::http {
namespace {

TEST(CommonHeaders, are_on_every_response_once) {
    Response response = plain(404, "x");
    response.headers.add("X-Cache", "Hit from cloudfront");
    response.cache = {CacheResult::revalidated, "fwd=stale; fwd-status=304", "error=dns_error"};
    add_common_headers(response, "node-a", hubfs::Instant{});
    EXPECT_EQ(response.headers.joined("X-Cache"), "REVALIDATED");
    EXPECT_EQ(response.headers.get("Cache-Status"), "node-a; fwd=stale; fwd-status=304");
    EXPECT_EQ(response.headers.get("Proxy-Status"), "node-a; error=dns_error");
    EXPECT_EQ(response.headers.get("Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(response.headers.get("Date"), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(CommonHeaders, age_is_of_hits_alone_and_never_negative) {
    using namespace std::chrono_literals;
    const hubfs::Instant now = hubfs::Instant{} + 1000s;
    const auto age = [&](CacheResult result, hubfs::Instant since) {
        Response response = plain(200, "x");
        response.cache = {.result = result, .since = since};
        add_common_headers(response, "node-a", now);
        return std::string(response.headers.get("Age"));
    };
    EXPECT_EQ(age(CacheResult::hit, now - 90s), "90");
    EXPECT_EQ(age(CacheResult::hit, now + 90s), "0");  // a clock that was set back
    EXPECT_EQ(age(CacheResult::revalidated, now - 90s), "");
    EXPECT_EQ(age(CacheResult::miss, now), "");
}

TEST(CommonHeaders, the_node_is_a_token_or_a_string) {
    EXPECT_EQ(cache_name(""), "hf-mirror");
    EXPECT_EQ(cache_name("mirror-a"), "mirror-a");
    EXPECT_EQ(cache_name("1 \"x\""), "\"1 \\\"x\\\"\"");
}

TEST(CommonHeaders, the_worst_cache_result_wins) {
    EXPECT_EQ(worst(CacheResult::hit, CacheResult::revalidated), CacheResult::revalidated);
    EXPECT_EQ(worst(CacheResult::miss, CacheResult::revalidated), CacheResult::miss);
    EXPECT_EQ(worst(CacheResult::hit, CacheResult::hit), CacheResult::hit);
}

TEST(CommonHeaders, a_preflight_echoes_well_formed_names_only) {
    Request request;
    request.headers.add("Access-Control-Request-Headers", "x-new, b\tad, range");
    const Response response = preflight(request, "GET");
    EXPECT_EQ(response.status, 204);
    const auto allowed = response.headers.get("Access-Control-Allow-Headers");
    EXPECT_NE(allowed.find("Authorization"), std::string_view::npos);
    EXPECT_NE(allowed.find("x-new"), std::string_view::npos);
    EXPECT_EQ(allowed.find("ad,"), std::string_view::npos);
}

}  // namespace
}  // namespace httpd::http
