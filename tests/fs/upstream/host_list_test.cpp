// SPDX-License-Identifier: Apache-2.0
#include "fs/upstream/host_list.h"

#include <gtest/gtest.h>

namespace hubfs::upstream {
namespace {

TEST(HostList, allows_by_name_and_port) {
    const auto list = HostList::parse({"cdn.hf.co", "127.0.0.1:9001", "*.xethub.hf.co"});
    ASSERT_TRUE(list) << list.error().message;
    const struct {
        const char* url;
        bool allowed;
    } rows[] = {
        {"https://cdn.hf.co/x", true},         {"https://CDN.hf.co:443/x", true},
        {"http://cdn.hf.co/x", true},  // the scheme is for others to judge
        {"https://cdn.hf.co:8443/x", false},   {"https://xcdn.hf.co/x", false},
        {"https://a.cdn.hf.co/x", false},      {"https://cdn.hf.co.evil.org/x", false},
        {"http://127.0.0.1:9001/x", true},     {"http://127.0.0.1:9002/x", false},
        {"http://127.0.0.1/x", false},         {"https://transfer.xethub.hf.co/x", true},
        {"https://a.b.xethub.hf.co/x", true},  {"https://xethub.hf.co/x", false},
        {"https://evilxethub.hf.co/x", false}, {"https://transfer.xethub.hf.co:444/x", false},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(list->allows(*parse_url(row.url)), row.allowed) << row.url;
    }
}

TEST(HostList, an_empty_list_allows_nothing) {
    EXPECT_FALSE(HostList().allows(*parse_url("https://cdn.hf.co/")));
}

TEST(HostList, an_entry_that_is_no_host_is_refused_by_name) {
    for (const char* bad : {"", "*", "*.", "https://h", "h:0", "a b", "h/x"}) {
        const auto list = HostList::parse({"good.org", bad});
        ASSERT_FALSE(list) << bad;
        EXPECT_EQ(list.error().code, Code::invalid);
        EXPECT_NE(list.error().message.find(bad), std::string::npos);
    }
}

}  // namespace
}  // namespace hubfs::upstream
