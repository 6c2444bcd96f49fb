// SPDX-License-Identifier: Apache-2.0
#include "httpd/routes/tree_lines.h"

#include <cerrno>

#include "tests/httpd/temp_mount.h"

namespace httpd::routes {
namespace {

std::string line(const std::string& path, bool directory = false) {
    return std::string(R"({"type":")") + (directory ? "directory" : "file") + R"(","path":")" +
           path + "\"}";
}

class TreeLines : public ::testing::Test {
protected:
    mount::OpenFile open(const std::string& text) {
        mount_.write("tree", text);
        return std::move(*mount::MountReader(mount_.root()).open("tree"));
    }

    test::TempMount mount_;
    const std::string text_ = line("b") + "\n" + line("a", true) + "\n" + line("a/x") + "\n" +
                              line("a/c", true) + "\n" + line("a/c/y") + "\n" + line("ab") + "\n";
};

TEST_F(TreeLines, a_directory_lists_directories_first_in_byte_order) {
    const auto file = open(text_);
    const auto root = list_directory(file, "", 0, 10);
    ASSERT_TRUE(root);
    EXPECT_EQ(json_array(root->entries),
              "[" + line("a", true) + "," + line("ab") + "," + line("b") + "]");
    EXPECT_FALSE(root->more);
    const auto page = list_directory(file, "", 1, 1);
    EXPECT_EQ(page->entries, std::vector<std::string>{line("ab")});
    EXPECT_TRUE(page->more);
    EXPECT_EQ(page->next, 2U);
    EXPECT_EQ(list_directory(file, "a", 0, 10)->entries,
              (std::vector<std::string>{line("a/c", true), line("a/x")}));
    EXPECT_FALSE(list_directory(file, "b", 0, 10)->exists);
    EXPECT_FALSE(list_directory(file, "nope", 0, 10)->exists);
    EXPECT_TRUE(list_directory(file, "", 99, 10)->entries.empty());
}

TEST_F(TreeLines, a_recursive_listing_goes_on_at_a_lines_offset) {
    const auto file = open(text_);
    std::vector<std::string> all;
    std::uint64_t from = 0;
    for (int pages = 0; pages < 10; ++pages) {
        const auto page = list_recursive(file, "a", from, 1);
        ASSERT_TRUE(page);
        all.insert(all.end(), page->entries.begin(), page->entries.end());
        from = page->next;
        if (!page->more) {
            break;
        }
    }
    EXPECT_EQ(all, (std::vector<std::string>{line("a/x"), line("a/c", true), line("a/c/y")}));
    EXPECT_FALSE(list_recursive(file, "b", 0, 10)->exists);
    EXPECT_EQ(list_recursive(file, "", 3, 10).error(), EPROTO);  // inside a line
    EXPECT_EQ(list_recursive(file, "", 100000, 10).error(), EPROTO);
}

TEST_F(TreeLines, paths_are_found_in_the_order_they_were_asked_for) {
    const auto file = open(text_);
    EXPECT_EQ(find_paths(file, {"b", "nope", "a/c", "b"}).value(),
              (std::vector<std::string>{line("b"), line("a/c", true)}));
    EXPECT_TRUE(find_paths(file, {})->empty());
}

TEST_F(TreeLines, a_broken_tree_is_an_error_not_a_short_listing) {
    EXPECT_EQ(list_directory(open(line("a")), "", 0, 10).error(), EPROTO);  // no line feed
    EXPECT_EQ(list_directory(open("x\n"), "", 0, 10).error(), EPROTO);
    EXPECT_EQ(list_recursive(open(std::string(kTreeLineMax * 8, 'x')), "", 0, 10).error(), EPROTO);
    EXPECT_TRUE(list_recursive(open(""), "", 0, 10)->entries.empty());
}

TEST_F(TreeLines, lines_longer_than_a_buffer_edge_are_whole) {
    std::string text;
    for (int i = 0; i < 20000; ++i) {
        text += line("file-" + std::to_string(i)) + "\n";
    }
    const auto page = list_recursive(open(text), "", 0, 100000);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->entries.size(), 20000U);
    EXPECT_EQ(page->entries[12345], line("file-12345"));
}

TEST_F(TreeLines, lfs_contents_are_found_by_their_hash) {
    const std::string oid(64, 'a');
    const auto file = open(line("lfs") + "\n" + R"({"type":"file","size":7,"lfs":{"oid":")" + oid +
                           R"("},"path":"d/x"})" + "\n");
    const auto found = find_lfs(file, {oid, std::string(64, 'b')});
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 1U);
    EXPECT_EQ(found->at(oid).path, "d/x");
    EXPECT_EQ(found->at(oid).size, 7U);
    EXPECT_FALSE(find_lfs(open(R"({"lfs":)"
                               "\n"),
                          {oid}));
}

}  // namespace
}  // namespace httpd::routes
