// SPDX-License-Identifier: Apache-2.0
// The whole way, export and import between two nodes: tests/e2e/export_test.py.
#include "fs/app/export_dir.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "fs/base/hash.h"
#include "tests/fs/meta/meta_fixture.h"

namespace hubfs::app {
namespace {

const ExportManifest kManifest{
    .repo = {RepoType::dataset, "a/b"},
    .revision = "refs/pr/1",
    .commit = meta::test::commit_id(),
    .date = Instant(std::chrono::seconds(1767225600)),
    .checked = Instant(std::chrono::seconds(1767225601)),
    .tree_sha256 = std::string(64, 'a'),
    .include = {"*.json", "\"x\"\n"},
    .exclude = {"y"},
    .files = 3,
    .bytes = 1ULL << 50,
};

std::string with(const std::string& from, const std::string& to) {
    std::string text = to_json(kManifest);
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

class ExportDirTest : public ::testing::Test {
protected:
    [[nodiscard]] std::string path() const { return dir_.path() + "/export"; }
    void write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories(
            std::filesystem::path(path() + "/" + name).parent_path());
        std::ofstream(path() + "/" + name, std::ios::binary) << text;
    }
    meta::test::TempDir dir_;
};

TEST(ExportManifest, ComesBackAsItWas) {
    const auto read = manifest_from(to_json(kManifest));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->repo, kManifest.repo);
    EXPECT_EQ(read->revision, kManifest.revision);
    EXPECT_EQ(read->commit, kManifest.commit);
    EXPECT_EQ(read->date, kManifest.date);
    EXPECT_EQ(read->checked, kManifest.checked);
    EXPECT_EQ(read->tree_sha256, kManifest.tree_sha256);
    EXPECT_EQ(read->include, kManifest.include);
    EXPECT_EQ(read->exclude, kManifest.exclude);
    EXPECT_EQ(read->files, kManifest.files);
    EXPECT_EQ(read->bytes, kManifest.bytes);
}

TEST(ExportManifest, WhatIsNoneIsRefused) {
    const std::string commit = kManifest.commit.hex();
    for (const std::string& text :
         {std::string(), std::string("[]"), std::string("{}"),
          with("\"version\":1", "\"version\":2"), with("\"version\":1", "\"version\":\"1\""),
          with("\"dataset\"", "\"space\""), with("a/b", "../b"), with("\"refs/pr/1\"", "\"\""),
          with(commit, commit.substr(1)), with(kManifest.tree_sha256, "../../etc/passwd"),
          with("2026-01-01", "yesterday"), with("[\"y\"]", "\"y\""), with("[\"y\"]", "[1]")}) {
        const auto read = manifest_from(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code, Code::invalid);
    }
}

TEST(ExportTree, ItsLinesAreCheckedAsUpstreamsAnswerIs) {
    const std::string line = meta::test::tree_file("a.bin") + "\n";
    EXPECT_EQ(tree_from(line)->size(), 1U);
    EXPECT_EQ(tree_from(line + meta::test::tree_file("b.bin") + "\n")->size(), 2U);
    EXPECT_TRUE(tree_from("")->empty());
    for (const std::string& text :
         {line + line, std::string("x"), meta::test::tree_file("../a"), line + "\n\n"}) {
        EXPECT_FALSE(tree_from(text)) << text;
    }
}

TEST_F(ExportDirTest, WhatIsWrittenIsFoundAgain) {
    const auto dir = ExportDir::create(path());
    ASSERT_TRUE(dir) << dir.error().message;
    const std::string bytes = "hello";
    const ContentHash hash = hash_content(HashKind::git_sha1, std::as_bytes(std::span(bytes)));
    EXPECT_FALSE(dir->open_content(hash).valid());
    const auto file = dir->begin_content(hash);
    ASSERT_TRUE(file);
    ASSERT_EQ(::write(file->get(), bytes.data(), bytes.size()), 5);
    EXPECT_FALSE(dir->open_content(hash).valid());  // not before it is whole
    ASSERT_TRUE(dir->keep_content(hash, *file));
    EXPECT_TRUE(dir->open_content(hash).valid());
    const auto tree = dir->put_tree("{}\n");
    ASSERT_TRUE(tree);
    EXPECT_EQ(dir->tree(*tree), "{}\n");
    ASSERT_TRUE(dir->put_manifest(kManifest));
    const auto again = ExportDir::create(path());  // another export into it
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->manifests(),
              std::vector<std::string>{"manifests/datasets/a%2Fb@refs%2Fpr%2F1.json"});
    EXPECT_EQ(again->manifest(again->manifests()->front())->commit, kManifest.commit);
}

TEST_F(ExportDirTest, OtherDirectoriesAndWrongFilesAreRefused) {
    EXPECT_EQ(ExportDir::open(path()).error().code, Code::not_found);
    write("mine", "x");
    EXPECT_EQ(ExportDir::create(path()).error().code, Code::invalid);
    write("hf-mirror-export", "hf-mirror export\nversion 2\n");
    EXPECT_EQ(ExportDir::create(path()).error().code, Code::invalid);
    EXPECT_EQ(ExportDir::open(path()).error().code, Code::invalid);
    write("hf-mirror-export", "hf-mirror export\nversion 1\n");
    const auto dir = ExportDir::open(path());
    ASSERT_TRUE(dir) << dir.error().message;
    EXPECT_TRUE(dir->manifests()->empty());
    write("trees/" + kManifest.tree_sha256 + ".jsonl", "x");
    EXPECT_EQ(dir->tree(kManifest.tree_sha256).error().code, Code::corrupt);
    const ContentHash hash;
    const std::string name = path() + "/content/git-sha1/00/" + hash.hex();
    std::filesystem::create_directories(name);
    EXPECT_FALSE(dir->open_content(hash).valid());
    std::filesystem::remove(name);
    std::filesystem::create_symlink(path() + "/mine", name);
    EXPECT_FALSE(dir->open_content(hash).valid());
}

}  // namespace
}  // namespace hubfs::app
