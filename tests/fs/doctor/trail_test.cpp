// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/trail.h"

#include <gtest/gtest.h>

#include <vector>

namespace hubfs::doctor {
namespace {

using upstream::OneAnswer;
using upstream::OneRequest;

OneRequest get(const char* address) {
    OneRequest request;
    request.url = *upstream::parse_url(address);
    return request;
}

Ask redirecting(const std::vector<std::string>& locations) {
    return [locations, at = std::size_t{0}](const OneRequest&) mutable -> Result<OneAnswer> {
        OneAnswer answer;
        answer.head.status = at < locations.size() ? 307 : 200;
        if (at < locations.size()) {
            answer.head.fields.emplace_back("location", locations[at]);
        }
        ++at;
        return answer;
    };
}

TEST(Trail, FollowsTheSameServerAndKeepsTheFirstHead) {
    const auto trail = follow(redirecting({"/b", "http://m:1/c"}), get("http://m:1/a"));
    ASSERT_TRUE(trail.has_value());
    EXPECT_EQ(trail->status(), 200);
    EXPECT_EQ(trail->redirects, 2);
    EXPECT_EQ(trail->first.status, 307);
    EXPECT_FALSE(trail->foreign.has_value());
}

TEST(Trail, StopsAtAnotherHostPortOrScheme) {
    for (const char* const away : {"http://n:1/b", "http://m:2/b", "https://m:1/b", "//n/b"}) {
        const auto trail = follow(redirecting({away}), get("http://m:1/a"));
        ASSERT_TRUE(trail.has_value());
        EXPECT_EQ(trail->status(), 307);
        EXPECT_TRUE(trail->foreign.has_value()) << away;
    }
}

TEST(Trail, EndsALoop) {
    const auto trail = follow(redirecting(std::vector<std::string>(50, "/a")), get("http://m/a"));
    ASSERT_FALSE(trail.has_value());
    EXPECT_EQ(trail.error().code, Code::protocol);
}

TEST(Trail, ReadsTheNextLinkAmongOthers) {
    EXPECT_EQ(next_of(R"(<http://m/x?a=1&b=2>; rel="next")"), "http://m/x?a=1&b=2");
    EXPECT_EQ(next_of(R"(<http://m/y>; rel="xet-auth", <http://m/x>; rel="next")"), "http://m/x");
    for (const char* const none : {"", "<http://m/x", "http://m/x; rel=\"next\"",
                                   "<http://m/x>; rel=\"prev\"", "<<>>", ">rel=\"next\"<"}) {
        EXPECT_FALSE(next_of(none).has_value()) << none;
    }
}

TEST(Trail, BareEtagsAreWhatClientsCompare) {
    EXPECT_EQ(bare_etag("W/\"ab\""), "ab");
    EXPECT_EQ(bare_etag("\"ab\""), "ab");
    EXPECT_EQ(bare_etag("ab"), "ab");
    EXPECT_EQ(bare_etag("\""), "\"");
}

TEST(Trail, TargetsGoBelowTheBasesPath) {
    EXPECT_EQ(below(*upstream::parse_url("http://m"), "/api").target, "/api");
    EXPECT_EQ(below(*upstream::parse_url("http://m/hub/"), "/api").target, "/hub/api");
    EXPECT_EQ(below(*upstream::parse_url("http://m/hub"), "").target, "/hub");
}

}  // namespace
}  // namespace hubfs::doctor
