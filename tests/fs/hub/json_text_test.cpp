// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "fs/hub/json.h"
#include "tests/fs/hub/recorded.h"

namespace hubfs::hub {
namespace {

std::string list_of(const std::vector<TreeEntry>& entries) {
    std::string out = "[";
    for (const TreeEntry& entry : entries) {
        out += (out.size() == 1 ? "" : ",") + to_json(entry);
    }
    return out + "]";
}

TEST(TreeText, recorded_listings_are_written_back_byte_for_byte) {
    for (const std::string_view body :
         {recorded::kTinyTree, recorded::kOwnerTree, recorded::kBertTree}) {
        const auto page = parse_tree_page(body);
        ASSERT_TRUE(page) << page.error().message;
        EXPECT_EQ(list_of(*page), body);
    }
}

TEST(TreeText, texts_are_escaped_as_json_stringify_does) {
    TreeEntry entry;
    entry.oid = std::string(40, '0');
    entry.size = 2;
    entry.path = "a\"b\\c\b\f\n\r\t\x01\x1f\x7f/ü文\u2028";
    EXPECT_EQ(to_json(entry), R"({"type":"file","oid":")" + entry.oid +
                                  R"(","size":2,"path":"a\"b\\c\b\f\n\r\t\u0001\u001f)" +
                                  "\x7f/ü文\u2028\"}");
    const auto back = parse_tree_page("[" + to_json(entry) + "]");
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->front().path, entry.path);
}

}  // namespace
}  // namespace hubfs::hub
