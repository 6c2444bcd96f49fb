// SPDX-License-Identifier: Apache-2.0
#include "httpd/mount/safe_path.h"

#include <gtest/gtest.h>

namespace httpd::mount {
namespace {

using hubfs::RepoKey;
using hubfs::RepoType;

TEST(SafePath, repositories_have_one_place_each) {
    EXPECT_EQ(repo_path({RepoType::model, "acme/tiny"}), "models/acme/tiny");
    EXPECT_EQ(repo_path({RepoType::dataset, "acme/tiny"}), "datasets/acme/tiny");
    EXPECT_EQ(repo_path({RepoType::model, "gpt2"}), "models/-/gpt2");
    for (const auto* bad : {"", "..", "a/..", "a/b/c", "/a", "a/", "-/gpt2", "a b", "a/b\n"}) {
        EXPECT_FALSE(repo_path({RepoType::model, bad})) << bad;
    }
    const std::string commit(40, 'a');
    EXPECT_EQ(tree_path({RepoType::model, "gpt2"}, commit), ".trees/models/-/gpt2/" + commit);
    EXPECT_FALSE(tree_path({RepoType::model, "gpt2"}, "main"));
}

TEST(SafePath, documents_are_cut_into_components) {
    EXPECT_EQ(document_path("/api/models?search=a+b%20c"),
              ".api/%2Fapi%2Fmodels?search=a%2Bb%2520c");
    EXPECT_EQ(document_path("/api/models", true), ".api/renewed/%2Fapi%2Fmodels");
    const auto path = document_path("/api/models?search=" + std::string(300, 'x'));
    ASSERT_TRUE(path);
    EXPECT_NE(path->find("x+/x"), std::string::npos);
    EXPECT_FALSE(document_path("/api/models?search=" + std::string(5000, 'x')));
}

TEST(SafePath, file_paths_cannot_leave_their_commit) {
    for (const auto* good : {"a", "a/b", "..a", "a..", "...", "a b/\xC3\xA4", ".git"}) {
        EXPECT_TRUE(safe_file_path(good)) << good;
    }
    for (const auto* bad : {"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b"}) {
        EXPECT_FALSE(safe_file_path(bad)) << bad;
    }
    EXPECT_FALSE(safe_file_path(std::string_view("a\0b", 3)));
    EXPECT_FALSE(safe_file_path(std::string(256, 'x')));
    EXPECT_TRUE(safe_file_path(std::string(255, 'x')));
}

struct Rename {
    const char* asked;
    const char* target;
    const char* id;  // null: not a repository
};

// The table of docs/mount_contract.md.
TEST(SafePath, a_renamed_repository_is_where_its_symlink_leads) {
    const Rename rows[] = {
        {"baai/bge-m3", "../BAAI/bge-m3", "BAAI/bge-m3"},
        {"BAAI/BGE-M3", "bge-m3", "BAAI/bge-m3"},
        {"bert-base-uncased", "../google-bert/bert-base-uncased", "google-bert/bert-base-uncased"},
        {"old/name", "../-/name", "name"},
        {"a/b", "../../models/c/d", "c/d"},
        {"a/b", "../../datasets/c/d", nullptr},
        {"a/b", "../../../etc/passwd", nullptr},
        {"a/b", "../../../../etc", nullptr},
        {"a/b", "/etc/passwd", nullptr},
        {"a/b", "", nullptr},
        {"a/b", "..", nullptr},
        {"a/b", "c/d", nullptr},
    };
    for (const Rename& row : rows) {
        const auto got = renamed_to({RepoType::model, row.asked}, row.target);
        EXPECT_EQ(got.has_value(), row.id != nullptr) << row.target;
        if (got && row.id != nullptr) {
            EXPECT_EQ(got->id, row.id);
        }
    }
}

TEST(SafePath, commits_are_40_lower_case_digits) {
    EXPECT_TRUE(is_commit("0123456789abcdef0123456789abcdef01234567"));
    EXPECT_FALSE(is_commit("0123456789ABCDEF0123456789abcdef01234567"));
    EXPECT_FALSE(is_commit("main"));
}

}  // namespace
}  // namespace httpd::mount
