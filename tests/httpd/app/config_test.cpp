// SPDX-License-Identifier: Apache-2.0
#include "httpd/app/config.h"

#include <gtest/gtest.h>

namespace httpd::app {
namespace {

hubfs::Result<Config> load(std::vector<std::string> sets) {
    const auto options = hubfs::Options::load({.file = "/dev/null", .sets = std::move(sets)});
    EXPECT_TRUE(options) << (options ? "" : options.error().front());
    return options ? config_from(*options) : hubfs::fail(hubfs::Code::invalid, "options");
}

TEST(Config, defaults_are_the_hubs_own) {
    const auto config = load({});
    ASSERT_TRUE(config);
    EXPECT_EQ(config->node, "hf-mirror");
    ASSERT_EQ(config->listen.size(), 1U);
    EXPECT_EQ(config->listen[0].port, 8080);
    const proxy::PolicyConfig& policy = config->forwarder.policy;
    EXPECT_EQ(policy.upstream.authority(), "huggingface.co");
    EXPECT_TRUE(policy.upstream.secure);
    EXPECT_EQ(policy.redirect_hosts.size(), 2U);
    EXPECT_TRUE(config->site.passthrough);
    EXPECT_FALSE(policy.allow_http);
}

TEST(Config, takes_what_is_set) {
    const auto config = load({R"(http.listen=["127.0.0.1:0","[::1]:9"])", "node.name=node-a",
                              "upstream.url=http://127.0.0.1:81/hub/", "upstream.allow_http=true",
                              "http.public_url=https://m.example/", "http.passthrough=false",
                              "upstream.deadline=7s"});
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->listen.size(), 2U);
    EXPECT_EQ(config->node, "node-a");
    EXPECT_EQ(config->forwarder.policy.upstream.target, "/hub");
    EXPECT_EQ(config->forwarder.policy.upstream.port, 81);
    EXPECT_EQ(config->forwarder.public_url, "https://m.example");
    EXPECT_EQ(config->forwarder.deadline, std::chrono::seconds(7));
    EXPECT_FALSE(config->site.passthrough);
}

TEST(Config, nothing_to_listen_on_is_refused) {
    const auto config = load({"http.listen=[]"});
    ASSERT_FALSE(config);
    EXPECT_NE(config.error().message.find("http.listen"), std::string::npos);
}

}  // namespace
}  // namespace httpd::app
