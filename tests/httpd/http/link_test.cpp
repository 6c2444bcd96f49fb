// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/link.h"

#include <gtest/gtest.h>

namespace httpd::http {
namespace {

struct LinkRow {
    const char* link;
    const char* next;  // null: none
};

TEST(Link, next_leads_to_this_mirror_and_the_rest_is_dropped) {
    const LinkRow rows[] = {
        {R"(<https://huggingface.co/api/models?limit=1&cursor=a%3D>; rel="next")",
         R"(<http://m/api/models?limit=1&cursor=a%3D>; rel="next")"},
        {R"(<https://x/xet>; rel="xet-auth", <https://y/a?b>; rel="next")",
         R"(<http://m/a?b>; rel="next")"},
        {R"(</api/models?cursor=x>;rel=next)", R"(<http://m/api/models?cursor=x>; rel="next")"},
        {R"(<//other/api>; title="a, b; c"; rel="prev next")", R"(<http://m/api>; rel="next")"},
        {R"(<https://x/a>; rel="prev")", nullptr},
        {R"(<https://x/a>)", nullptr},
        {R"(<https://x>; rel="next")", nullptr},
        {R"(<https://x/a b>; rel="next")", nullptr},
        {R"(<https://x/a; rel="next")", nullptr},
        {R"(<https://x/a>; rel="next)", nullptr},
        {"", nullptr},
        {"nonsense", nullptr},
    };
    for (const LinkRow& row : rows) {
        const auto got = next_link(row.link, "http://m");
        EXPECT_EQ(got.has_value(), row.next != nullptr) << row.link;
        if (got && row.next != nullptr) {
            EXPECT_EQ(*got, row.next);
        }
    }
}

TEST(Link, all_relations_are_found) {
    const auto links = parse_links(R"(<a>; rel="A b" ; x="\"q,", <b>;rel=c)");
    ASSERT_EQ(links.size(), 2U);
    EXPECT_EQ(links[0].rels, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(links[1].target, "b");
}

TEST(Link, a_relative_next_is_beside_what_was_asked_for) {
    const auto next = [](std::string_view target) {
        return next_link("<" + std::string(target) + ">; rel=\"next\"", "http://m",
                         "/api/models?limit=2");
    };
    EXPECT_EQ(next("?cursor=2"), "<http://m/api/models?cursor=2>; rel=\"next\"");
    EXPECT_EQ(next("models?cursor=2"), "<http://m/api/models?cursor=2>; rel=\"next\"");
    EXPECT_EQ(next("/x?cursor=2"), "<http://m/x?cursor=2>; rel=\"next\"");
    EXPECT_EQ(next("https://h/x?u=a://b"), "<http://m/x?u=a://b>; rel=\"next\"");
    EXPECT_EQ(next_link("</x>; rel=\"next\"", ""), "</x>; rel=\"next\"");
}

}  // namespace
}  // namespace httpd::http
