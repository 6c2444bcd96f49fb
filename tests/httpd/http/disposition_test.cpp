// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/disposition.h"

#include <gtest/gtest.h>

namespace httpd::http {
namespace {

TEST(Disposition, has_the_hubs_form) {
    EXPECT_EQ(content_disposition("sub/config.json", false),
              "inline; filename*=UTF-8''config.json; filename=\"config.json\";");
    EXPECT_EQ(content_disposition("a \"b\\\xC3\xA4\n", true),
              "attachment; filename*=UTF-8''a%20%22b%5C%C3%A4%0A; filename=\"a \\\"b\\\\???\";");
}

TEST(Disposition, the_type_is_told_by_kind_and_name) {
    EXPECT_EQ(media_type("README.md", false), "text/plain; charset=utf-8");
    EXPECT_EQ(media_type("a/page.html", false), "text/plain; charset=utf-8");
    EXPECT_EQ(media_type("a.svg", false), "text/plain; charset=utf-8");
    EXPECT_EQ(media_type("a/b.PNG", false), "image/png");
    EXPECT_EQ(media_type("spiece.model", false), "application/octet-stream");
    EXPECT_EQ(media_type("a.png", true), "application/octet-stream");
    EXPECT_EQ(media_type("a.png/b", false), "text/plain; charset=utf-8");
}

}  // namespace
}  // namespace httpd::http
