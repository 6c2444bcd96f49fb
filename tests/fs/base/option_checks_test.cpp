// SPDX-License-Identifier: Apache-2.0
#include "fs/base/option_checks.h"

#include <gtest/gtest.h>

namespace hubfs {
namespace {

using namespace std::chrono_literals;
using List = std::vector<std::string>;

TEST(OptionChecks, AcceptWhatIsWithinTheLimits) {
    EXPECT_EQ(check_option("node.name", OptionValue(std::string("any text"))), std::nullopt);
    EXPECT_EQ(check_option("upstream.deadline", OptionValue(50'000ms)), std::nullopt);
    EXPECT_EQ(check_option("upstream.deadline", OptionValue(100ms)), std::nullopt);
    EXPECT_EQ(check_option("cache.block", OptionValue(std::uint64_t{1} << 16)), std::nullopt);
    EXPECT_EQ(check_option("upstream.proxy", OptionValue(std::string("socks5h://h:1"))),
              std::nullopt);
    EXPECT_EQ(check_option("http.redirect_hosts", OptionValue(List{"*.hf.co", "a:1"})),
              std::nullopt);
    EXPECT_EQ(check_option("rsync.listen", OptionValue(std::string())), std::nullopt);
}

TEST(OptionChecks, RefuseWhatIsBeyond) {
    EXPECT_TRUE(check_option("upstream.deadline", OptionValue(50'001ms)));
    EXPECT_TRUE(check_option("upstream.deadline", OptionValue(99ms)));
    EXPECT_TRUE(check_option("freshness.wait", OptionValue(51'000ms)));
    EXPECT_TRUE(check_option("freshness.follow", OptionValue(999ms)));
    EXPECT_FALSE(check_option("freshness.follow", OptionValue(1'000ms)));
    EXPECT_TRUE(check_option("cache.block", OptionValue(std::uint64_t{1} << 15)));
    EXPECT_TRUE(check_option("cache.block", OptionValue(std::uint64_t{1} << 27)));
    EXPECT_TRUE(check_option("upstream.connections", OptionValue(std::uint64_t{257})));
    EXPECT_TRUE(check_option("node.name", OptionValue(std::string(4097, 'a'))));
    EXPECT_TRUE(check_option("node.name", OptionValue(std::string("a\nb"))));
    EXPECT_TRUE(check_option("policy.deny", OptionValue(List(1001, "a/b"))));
    EXPECT_TRUE(check_option("policy.deny", OptionValue(List{"a\x7f"})));
}

TEST(OptionChecks, OnlyXetOffIsAcceptedThoughUnbuilt) {
    EXPECT_TRUE(accepted_though_unbuilt("http.xet_from", OptionValue(std::string("off"))));
    EXPECT_FALSE(accepted_though_unbuilt("http.xet_from", OptionValue(std::string("2GB"))));
    EXPECT_FALSE(accepted_though_unbuilt("http.tls_cert", OptionValue(std::string("off"))));
}

}  // namespace
}  // namespace hubfs
