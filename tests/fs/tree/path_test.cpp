// SPDX-License-Identifier: Apache-2.0
#include "fs/tree/path.h"

#include <gtest/gtest.h>

#include "fs/contract.h"

namespace hubfs::tree {
namespace {

constexpr auto kHex = "5bb9fc53add422c252f7351a8e28c438cb98ea21";
constexpr auto kUpperHex = "5BB9FC53ADD422C252F7351A8E28C438CB98EA21";

struct Case {
    std::string path;
    PlaceKind kind;
    std::string id;
    std::string revision;
};

TEST(Path, EveryKindOfPathNamesWhatTheContractSays) {
    const Case cases[] = {
        {"", PlaceKind::root, "", ""},
        {"models", PlaceKind::type, "", ""},
        {"datasets", PlaceKind::type, "", ""},
        {"models/BAAI", PlaceKind::first_name, "BAAI", ""},
        {"models/gpt2", PlaceKind::first_name, "gpt2", ""},
        {"models/-", PlaceKind::no_namespace, "", ""},
        {"models/-/gpt2", PlaceKind::repo, "gpt2", ""},
        {"models/BAAI/bge-m3", PlaceKind::repo, "BAAI/bge-m3", ""},
        {"models/BAAI/-", PlaceKind::repo, "BAAI/-", ""},
        {"models/BAAI/bge-m3/main", PlaceKind::revision, "BAAI/bge-m3", "main"},
        {"models/BAAI/bge-m3/refs%2Fpr%2F1", PlaceKind::revision, "BAAI/bge-m3", "refs/pr/1"},
        {"models/BAAI/bge-m3/100%25", PlaceKind::revision, "BAAI/bge-m3", "100%"},
        {"models/-/gpt2/main", PlaceKind::revision, "gpt2", "main"},
        {std::string("models/a/b/") + kHex, PlaceKind::revision, "a/b", kHex},
        {std::string("models/a/b/") + kUpperHex, PlaceKind::revision, "a/b", kUpperHex},
        {".trees", PlaceKind::trees, "", ""},
        {".trees/models", PlaceKind::type, "", ""},
        {".trees/models/BAAI", PlaceKind::first_name, "BAAI", ""},
        {".trees/models/-", PlaceKind::no_namespace, "", ""},
        {".trees/models/BAAI/bge-m3", PlaceKind::repo, "BAAI/bge-m3", ""},
        {std::string(".trees/datasets/-/squad/") + kHex, PlaceKind::tree, "squad", ""},
        {".api", PlaceKind::api, "", ""},
        {".api/%2Fapi%2Fmodels", PlaceKind::api_document, "", ""},
        {".api/renewed", PlaceKind::api_part, "", ""},
        {".api/renewed/%2Fapi%2Fmodels", PlaceKind::api_document, "", ""},
        {".status", PlaceKind::status, "", ""},
        {".status/epoch", PlaceKind::status_file, "", ""},
        {".blobs", PlaceKind::blobs, "", ""},
        {".blobs/sha256", PlaceKind::blob_kind, "", ""},
        {std::string(".blobs/git-sha1/") + kHex, PlaceKind::blob, "", ""},
        {".blobs/sha256/" + std::string(64, 'a'), PlaceKind::blob, "", ""},
    };
    for (const auto& expected : cases) {
        const auto place = parse(expected.path);
        ASSERT_TRUE(place) << expected.path;
        EXPECT_EQ(place->kind, expected.kind) << expected.path;
        EXPECT_EQ(place->repo.id, expected.id) << expected.path;
        EXPECT_EQ(place->revision, expected.revision) << expected.path;
        EXPECT_EQ(place->path, expected.path);
        EXPECT_EQ(place->in_trees, expected.path.starts_with(".trees")) << expected.path;
    }
}

TEST(Path, TheFirstWordDecidesBetweenModelsAndDatasets) {
    EXPECT_EQ(parse("models/a/b")->repo.type, RepoType::model);
    EXPECT_EQ(parse("datasets/a/b")->repo.type, RepoType::dataset);
    EXPECT_EQ(parse(".trees/datasets/a/b")->repo.type, RepoType::dataset);
}

TEST(Path, FortyHexDigitsAreACommitInAnyLetterCaseButTreesAreSpelledInLowerCase) {
    EXPECT_EQ(parse(std::string("models/a/b/") + kHex)->commit->hex(), kHex);
    EXPECT_EQ(parse(std::string("models/a/b/") + kUpperHex)->commit->hex(), kHex);
    EXPECT_FALSE(parse("models/a/b/main")->commit);
    EXPECT_EQ(parse(std::string(".trees/models/a/b/") + kHex)->commit->hex(), kHex);
    EXPECT_FALSE(parse(std::string(".trees/models/a/b/") + kUpperHex));
}

TEST(Path, ABlobIsSpelledInLowerCaseAndAsLongAsItsKindIs) {
    const std::string hex(64, 'a');
    EXPECT_EQ(parse(".blobs/sha256/" + hex)->hash->hex(), hex);
    EXPECT_EQ(parse(".blobs/sha256/" + hex)->hash->kind, HashKind::sha256);
    EXPECT_EQ(parse(".blobs/sha256")->hash->kind, HashKind::sha256);
    EXPECT_EQ(parse(".blobs/git-sha1")->hash->kind, HashKind::git_sha1);
    EXPECT_EQ(parse(std::string(".blobs/git-sha1/") + kHex)->hash->hex(), kHex);
    EXPECT_FALSE(parse(std::string(".blobs/git-sha1/") + kUpperHex));
    EXPECT_FALSE(parse(".blobs/git-sha1/" + hex));
    EXPECT_FALSE(parse(std::string(".blobs/sha256/") + kHex));
    EXPECT_FALSE(parse(".blobs/sha256/" + hex + "/x"));
    EXPECT_FALSE(parse(".trees/.blobs"));
}

TEST(Path, WhatCanNeverBeARepositoryOrRevisionNamesNothing) {
    for (const std::string path :
         {"spaces",          "Models",          "models/",
          "/models",         "models//x",       "models/a b",
          "models/..",       "models/./x",      "models/a/b/.git",
          "models/a/b/x y",  "models/a/b/100%", "models/a/b/a%2f",
          "models/a/b/x%2F", "models/a/b/x..y", "models/a/b/main/config.json",
          "models/-/-",      ".trees/spaces",   ".trees/models/a/b/main",
          ".status/a/b",     ".blobs/sha1",     "hub",
          "catalog",         "indexes",         ".trees/models/a/b/5bb9",
          ".blobs/xet",      ".blobs/sha256/x", ".blobs/sha256/"}) {
        EXPECT_FALSE(parse(path)) << path;
    }
    EXPECT_FALSE(parse("models/" + std::string(97, 'a')));
    EXPECT_FALSE(parse("models/a/b/" + std::string(256, 'a')));
    EXPECT_FALSE(parse(std::string("models/a/b/x\0y", 14)));
}

TEST(Path, AnApiPathIsTheRequestTargetInComponents) {
    for (const std::string& target : {std::string("/api/models?limit=5&author=x"),
                                      std::string("/api/models/a/b/tree/main/x+y%20z"),
                                      "/api/models?search=" + std::string(500, 'x'),
                                      "/api/models?q=" + std::string(184, '/')}) {
        std::string path = ".api";
        const auto components = contract::api_components(target);
        for (const auto& component : components) {
            ASSERT_TRUE(parse(path)) << path;
            EXPECT_NE(parse(path)->kind, PlaceKind::api_document) << path;
            path = join(path, component);
        }
        const auto place = parse(path);
        ASSERT_TRUE(place) << path;
        EXPECT_EQ(place->kind, PlaceKind::api_document);
        EXPECT_EQ(place->target, target);
    }
}

// P21
TEST(Path, AnApiPathHasOneSpellingOnly) {
    EXPECT_FALSE(parse(".api/short+/rest"));                     // cut too early
    EXPECT_FALSE(parse(".api/%2Fapi%2Fmodels+"));                // a part that is not full
    EXPECT_FALSE(parse(".api/%2Fother%2Fmodels"));               // not the API
    EXPECT_FALSE(parse(".api/%2Fapi%2Fmodels%3Flimit"));         // a needless escape
    EXPECT_FALSE(parse(".api/" + std::string(250, 'a')));        // not cut
    EXPECT_FALSE(parse(".api/" + std::string(199, 'a') + "+"));  // does not begin as one
    const std::string part = "%2Fapi%2Fmodels?" + std::string(181, 'a');
    EXPECT_TRUE(parse(".api/" + part + "%2+"));  // an escape that is cut
    EXPECT_FALSE(parse(".api/" + part + "%3+"));
    EXPECT_FALSE(parse(".api/" + part + "a++"));
}

TEST(Path, LinksLeadFromWhereTheyStand) {
    const auto model = [](std::string id) { return RepoKey{RepoType::model, std::move(id)}; };
    EXPECT_EQ(link_between(model("baai/bge-m3"), model("BAAI/bge-m3")), "../BAAI/bge-m3");
    EXPECT_EQ(link_between(model("BAAI/BGE-M3"), model("BAAI/bge-m3")), "bge-m3");
    EXPECT_EQ(link_between(model("GPT2"), model("gpt2")), "gpt2");
    EXPECT_EQ(link_between(model("bert"), model("google-bert/bert")), "../google-bert/bert");
    EXPECT_EQ(link_between(model("old/bert"), model("bert")), "../-/bert");
    EXPECT_EQ(link_from_type(model("gpt2")), "-/gpt2");
    EXPECT_EQ(link_from_type(model("google-bert/bert")), "google-bert/bert");
}

TEST(Path, PathsOfRepositoriesParseBack) {
    for (const std::string id : {"gpt2", "BAAI/bge-m3"}) {
        for (const bool in_trees : {false, true}) {
            const RepoKey key{RepoType::dataset, id};
            const auto place = parse(path_of(key, in_trees));
            ASSERT_TRUE(place);
            EXPECT_EQ(place->kind, PlaceKind::repo);
            EXPECT_EQ(place->repo, key);
            EXPECT_EQ(place->in_trees, in_trees);
        }
    }
}

TEST(Path, ParentsAndNamesSplitAPath) {
    EXPECT_EQ(parent_of("models/a/b"), "models/a");
    EXPECT_EQ(parent_of("models"), "");
    EXPECT_EQ(parent_of(""), "");
    EXPECT_EQ(name_of_path("models/a/b"), "b");
    EXPECT_EQ(name_of_path("models"), "models");
    EXPECT_EQ(join("", "models"), "models");
}

// P15
TEST(Path, RevisionsAreWhatGitAccepts) {
    for (const auto* good :
         {"main", "v1.0", "refs/pr/1", "feature/x", "a@b", "é", "abc1234", "-x"}) {
        EXPECT_TRUE(valid_revision(good)) << good;
    }
    for (const auto* bad : {"",     "@",  ".git",   "a/.b",     "a..b", "a b",   "a~1", "a^",
                            "a:b",  "a?", "a*",     "a[",       "a\\b", "a@{1}", "/a",  "a/",
                            "a//b", "a.", "a.lock", "a.lock/b", "a\tb", "a\x7f"}) {
        EXPECT_FALSE(valid_revision(bad)) << bad;
    }
}

}  // namespace
}  // namespace hubfs::tree
