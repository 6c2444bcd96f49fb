// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/target.h"

#include <gtest/gtest.h>

#include "fs/meta/catalog.h"

namespace hubfs::meta {
namespace {

using Kind = Target::Kind;

TEST(Target, IsKnownByItsAddress) {
    struct Row {
        const char* target;
        Kind kind;
        const char* id;
        const char* revision;
    };
    const Row rows[] = {
        {"/api/models", Kind::listing, "", ""},
        {"/api/datasets?search=c4&limit=10", Kind::listing, "", ""},
        {"/api/models-tags-by-type?type=region", Kind::listing, "", ""},
        {"/api/models/gpt2", Kind::info, "gpt2", ""},
        {"/api/models/BAAI/bge-m3", Kind::info, "BAAI/bge-m3", ""},
        {"/api/models/BAAI/bge-m3?blobs=true", Kind::info, "BAAI/bge-m3", ""},
        {"/api/models/BAAI/bge-m3?expand=gated", Kind::of_repo, "BAAI/bge-m3", ""},
        {"/api/models/BAAI/bge-m3?%65xpand[]=likes", Kind::of_repo, "BAAI/bge-m3", ""},
        {"/api/models/BAAI/bge-m3/revision/main", Kind::info, "BAAI/bge-m3", "main"},
        {"/api/models/gpt2/revision/refs%2Fpr%2F1", Kind::info, "gpt2", "refs/pr/1"},
        {"/api/datasets/allenai/c4/refs", Kind::refs, "allenai/c4", ""},
        {"/api/models/gpt2/refs?include_prs=1", Kind::refs, "gpt2", ""},
        {"/api/models/a/b/tree/main?expand=true", Kind::of_repo, "a/b", ""},
        {"/api/models/a/b/tree/main/sub/dir", Kind::of_repo, "a/b", ""},
        {"/api/models/a/b/commits/main?p=0", Kind::of_repo, "a/b", ""},
        {"/api/datasets/a/b/parquet/config/train", Kind::of_repo, "a/b", ""},
    };
    for (const Row& row : rows) {
        const auto target = parse_target(row.target);
        ASSERT_TRUE(target) << row.target;
        EXPECT_EQ(target->kind, row.kind) << row.target;
        EXPECT_EQ(target->repo.id, row.id) << row.target;
        EXPECT_EQ(target->revision, row.revision) << row.target;
        EXPECT_TRUE(allowed_document(row.target));
    }
}

TEST(Target, WhatIsPersonalOrUnknownIsNoDocument) {
    for (const char* target : {"",
                               "/",
                               "/api",
                               "/api/",
                               "/api/whoami-v2",
                               "/api/spaces",
                               "/api/spaces/a/b",
                               "/api/models/",
                               "/api/models//x",
                               "/api/models/a/b/c",
                               "/api/models/a/b/auth-check",
                               "/api/models/a/b/xet-read-token/main",
                               "/api/models/a/b/resolve/main/x",
                               "/api/models/a/b/parquet",
                               "/api/datasets/a/b/parquet/c/train/0.parquet",
                               "/api/models/../whoami-v2",
                               "/api/models/%2e%2e/x",
                               "/api/models/a/b/tree/main/../x",
                               "/api/models/a b",
                               "/api/models?x=\n",
                               "/api/models#x",
                               "/api/models/a%zz/b",
                               "/api/models/a%00/b",
                               "/api/models/a/b/revision/",
                               "/api/models/a/b/revision/%0a",
                               "/api/telemetry/x",
                               "/a/b/resolve/main/config.json",
                               "https://huggingface.co/api/models",
                               "/api/models/a/b/revision/main/extra"}) {
        EXPECT_FALSE(allowed_document(target)) << target;
    }
    EXPECT_FALSE(allowed_document("/api/models?search=" + std::string(9000, 'x')));
}

TEST(Target, OursAreSpelledAsTheHubWantsThem) {
    const RepoKey repo{RepoType::dataset, "allenai/c4"};
    const CommitId commit{};
    EXPECT_EQ(info_target(repo), "/api/datasets/allenai/c4");
    EXPECT_EQ(revision_target(repo, "refs/convert/parquet"),
              "/api/datasets/allenai/c4/revision/refs%2Fconvert%2Fparquet");
    EXPECT_EQ(refs_target(repo), "/api/datasets/allenai/c4/refs");
    EXPECT_EQ(tree_target(repo, commit), "/api/datasets/allenai/c4/tree/" + std::string(40, '0') +
                                             "?recursive=true&expand=false");
    for (const std::string& target :
         {info_target(repo), revision_target(repo, "a#b %"), refs_target(repo),
          tree_target(repo, commit), commit_target(repo, commit)}) {
        EXPECT_TRUE(allowed_document(target)) << target;
    }
    EXPECT_EQ(parse_target(revision_target(repo, "a#b %"))->revision, "a#b %");
}

TEST(Target, TheNextPageIsFoundInALinkHeader) {
    struct Row {
        const char* link;
        const char* next;
    };
    const Row rows[] = {
        {"", ""},
        {"<https://huggingface.co/api/models/a/b/tree/x?cursor=1>; rel=\"next\"",
         "/api/models/a/b/tree/x?cursor=1"},
        {"</api/x?cursor=1>; rel=next", "/api/x?cursor=1"},
        {"<https://h/api/xet-read-token/1>; rel=\"xet-auth\", <https://h/api/x?c=2>; rel=\"next\"",
         "/api/x?c=2"},
        {"<https://h/api/x?c=1>; rel=\"prev\", <https://h/api/x?c=3>;title=t; rel=\"next\"",
         "/api/x?c=3"},
        {"<https://h/api/x?c=1>; rel=\"prev\"", ""},
        {"<https://h>; rel=\"next\"", ""},
        {"<//evil/api>; rel=\"next\"", ""},
        {"<api/x>; rel=\"next\"", ""},
        {"<https://h/a b>; rel=\"next\"", ""},
        {"<https://h/api/x; rel=\"next\"", ""},
        {"rel=\"next\"", ""},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(next_page(row.link).value_or(""), row.next) << row.link;
    }
}

}  // namespace
}  // namespace hubfs::meta
