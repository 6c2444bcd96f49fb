// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/tree_cursor.h"

#include <gtest/gtest.h>

namespace httpd::routes {
namespace {

const std::string kShownCommit(40, 'b');

TEST(TreeCursor, comes_back_as_it_was) {
    const auto cursor = parse_cursor(to_text({true, kShownCommit, 12345}));
    ASSERT_TRUE(cursor);
    EXPECT_TRUE(cursor->recursive);
    EXPECT_EQ(cursor->commit, kShownCommit);
    EXPECT_EQ(cursor->next, 12345U);
    EXPECT_FALSE(parse_cursor("d" + kShownCommit + "0")->recursive);
}

TEST(TreeCursor, of_somebody_else_is_refused) {
    for (const std::string& bad :
         {std::string(), std::string("r"), "x" + kShownCommit + "1", "r" + kShownCommit,
          "r" + kShownCommit + "-1", "r" + kShownCommit + "1x",
          "r" + kShownCommit + "99999999999999999999999", "r" + std::string(40, 'Z') + "1"}) {
        EXPECT_FALSE(parse_cursor(bad)) << bad;
    }
}

TEST(TreeCursor, replaces_the_one_in_the_query) {
    EXPECT_EQ(with_cursor("", "c"), "cursor=c");
    EXPECT_EQ(with_cursor("a=1&cursor=old&b=%20", "c"), "a=1&b=%20&cursor=c");
    EXPECT_EQ(with_cursor("cursor", "c"), "cursor=c");
    EXPECT_EQ(with_cursor("cursors=1", "c"), "cursors=1&cursor=c");
}

}  // namespace
}  // namespace httpd::routes
