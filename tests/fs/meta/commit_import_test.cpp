// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/commit_import.h"

#include "tests/fs/meta/meta_fixture.h"

namespace hubfs::meta {
namespace {

using namespace test;
using std::chrono::hours;
using std::chrono::minutes;

class CommitImportTest : public CatalogTest {
protected:
    CommitImport import_of(const std::string& id, const std::string& sha = kSha) {
        hub::TreeEntry file;
        file.path = "sub/a.bin";
        file.oid = kOid;
        file.size = 5;
        return {model(id),
                "main",
                commit_id(sha),
                Instant(hours(24 * 365 * 50)),
                clock_.now() - hours(1),
                {file}};
    }
    Status import(const CommitImport& what) {
        return import_commit(*database_, what, clock_.now());
    }
    void go_offline() {
        config_.offline = true;
        reopen();
    }
};

TEST_F(CommitImportTest, AnOfflineNodeKnowsWhatItImportedWithTheTimeOfTheExport) {
    go_offline();
    ASSERT_FALSE(ref("a/b"));
    const CommitImport what = import_of("a/b");
    for (int i = 0; i < 2; ++i) {  // again it changes nothing
        const Status imported = import(what);
        ASSERT_TRUE(imported) << imported.error().message;
        const auto main = ref("a/b");
        ASSERT_TRUE(main) << main.error().message;
        EXPECT_EQ(main->commit, commit_id());
        EXPECT_EQ(main->fresh.checked, what.checked);
        const auto view = commit("a/b");
        ASSERT_TRUE(view) << view.error().message;
        EXPECT_EQ(view->number, 1U);
        EXPECT_EQ(view->date, what.date);
        EXPECT_EQ(view->entries, 2U);  // the folder is synthesised
    }
    EXPECT_EQ(repo("a/b")->state, hub::RepoState::open);
    clock_.advance(hours(24 * 7));  // freshness.stale
    EXPECT_EQ(ref("a/b").error().code, Code::offline);
    EXPECT_EQ(source_.api_count(), 0U);
}

TEST_F(CommitImportTest, ACommitByItsHashBringsNoRef) {
    go_offline();
    CommitImport what = import_of("a/b");
    what.revision = kSha;
    ASSERT_TRUE(import(what));
    EXPECT_TRUE(commit("a/b"));
    EXPECT_FALSE(ref("a/b"));
}

TEST_F(CommitImportTest, WhatUpstreamSaidSinceThenStays) {
    config_.ref = config_.state = hours(3);  // nothing is asked again here
    reopen();
    source_.set_json(revision_path("a/b"), info_body("a/b", kOtherSha));
    ASSERT_TRUE(ref("a/b"));
    const CommitImport old = import_of("a/b");
    ASSERT_TRUE(import(old));
    EXPECT_EQ(ref("a/b")->commit, commit_id(kOtherSha));
    EXPECT_EQ(repo("a/b")->fresh.checked, clock_.now());
    EXPECT_TRUE(commit("a/b", kSha));  // the tree came in nevertheless
    CommitImport other = import_of("a/b");
    other.revision = "v1";  // of which nothing is known
    ASSERT_TRUE(import(other));
    EXPECT_EQ(ref("a/b", "v1")->commit, commit_id());
    EXPECT_EQ(repo("a/b")->fresh.checked, clock_.now());
    clock_.advance(hours(2));
    ASSERT_TRUE(import(import_of("a/b")));
    EXPECT_EQ(ref("a/b")->commit, commit_id());  // an hour newer than upstream's answer
}

TEST_F(CommitImportTest, ARepositoryThatIsNotPublicStaysSo) {
    source_.set_json(revision_path("a/b"),
                     info_body("a/b", kSha, R"("private":false,"gated":"manual")"));
    EXPECT_EQ(repo("a/b")->state, hub::RepoState::gated);
    clock_.advance(hours(2));  // also when the import is newer
    const Status refused = import(import_of("a/b"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::gated);
    EXPECT_EQ(catalog_->known_repo(model("a/b"))->state, hub::RepoState::gated);
}

TEST_F(CommitImportTest, WhatCannotBeTrueIsRefusedAndStoresNothing) {
    go_offline();
    CommitImport future = import_of("a/b");
    future.checked = clock_.now() + minutes(1);
    EXPECT_EQ(import(future).error().code, Code::invalid);
    CommitImport name = import_of("../b");
    EXPECT_EQ(import(name).error().code, Code::invalid);
    CommitImport twice = import_of("a/b");
    twice.tree.push_back(twice.tree.front());
    EXPECT_EQ(import(twice).error().code, Code::protocol);
    CommitImport both = import_of("a/b");  // a file that is a folder as well
    both.tree.push_back(both.tree.front());
    both.tree.back().path = "sub";
    EXPECT_EQ(import(both).error().code, Code::protocol);
    EXPECT_FALSE(catalog_->known_repo(model("a/b")));
}

}  // namespace
}  // namespace hubfs::meta
