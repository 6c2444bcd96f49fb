// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/pages.h"

#include <gtest/gtest.h>

namespace httpd::routes {
namespace {

TEST(Pages, the_index_names_this_mirror_and_runs_nothing_from_the_request) {
    const http::Response page = index_page("http://m<script>:80");
    EXPECT_EQ(page.headers.get("Content-Type"), "text/html; charset=utf-8");
    EXPECT_NE(page.text.find("HF_ENDPOINT=http://m&lt;script&gt;:80"), std::string::npos);
    EXPECT_EQ(page.text.find("<script>"), std::string::npos);
}

TEST(Pages, harnesses_are_an_object_never_a_list) {
    EXPECT_EQ(harnesses(http::Request(), hubfs::Instant{}).text.front(), '{');
}

TEST(Pages, xet_is_not_spoken_and_telemetry_not_kept) {
    EXPECT_EQ(no_xet().status, 404);
    EXPECT_EQ(telemetry().status, 200);
}

}  // namespace
}  // namespace httpd::routes
