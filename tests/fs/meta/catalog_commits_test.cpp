// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iterator>
#include <latch>
#include <thread>

#include "fs/base/log.h"
#include "fs/hub/json.h"
#include "fs/meta/limits.h"
#include "tests/fs/meta/meta_fixture.h"

namespace hubfs::meta::test {
namespace {

using std::chrono::seconds;

class CatalogCommits : public CatalogTest {
protected:
    void SetUp() override {
        CatalogTest::SetUp();
        source_.set_json(revision_path("a/b"), info_body("a/b"));
    }
    // The listing in pages of one item list each.
    void set_pages(const std::vector<std::string>& pages) {
        std::string target = tree_path("a/b");
        for (std::size_t i = 0; i < pages.size(); ++i) {
            const std::string next = tree_path("a/b") + "&cursor=" + std::to_string(i + 1);
            const bool last = i + 1 == pages.size();
            source_.set_json(target, "[" + pages[i] + "]",
                             last ? "" : "<https://huggingface.co" + next + ">; rel=\"next\"");
            target = next;
        }
    }
    std::vector<std::string> names(std::uint32_t number, std::uint32_t parent) {
        std::vector<std::string> found;
        const auto children = catalog_->children(number, parent);
        for (const EntryView& entry : children.value_or(std::vector<EntryView>{})) {
            found.push_back(entry.name);
        }
        return found;
    }
};

TEST_F(CatalogCommits, AColdSnapshotCostsOneMetadataRequestAndTheTree) {
    set_pages({tree_directory("sub") + "," + tree_file("config.json", 519) + "," +
               tree_file("sub/x.bin")});
    ASSERT_TRUE(ref("a/b"));
    const auto view = commit("a/b");
    ASSERT_TRUE(view) << view.error().message;
    EXPECT_EQ(source_.api_count(), 2U);
    EXPECT_EQ(view->id, commit_id());
    EXPECT_EQ(view->repo, model("a/b"));
    EXPECT_EQ(view->entries, 3U);
    EXPECT_EQ(view->date, instant_from(kDate));
    EXPECT_EQ(names(view->number, 0), (std::vector<std::string>{"config.json", "sub"}));
    EXPECT_EQ(names(view->number, 1), (std::vector<std::string>{"x.bin"}));
    const auto config = catalog_->child(view->number, 0, "config.json").value();
    ASSERT_TRUE(config);
    EXPECT_EQ(config->number, 2U);
    EXPECT_EQ(config->parent, 0U);
    EXPECT_EQ(config->entry.size, 519U);
    EXPECT_EQ(config->content().hash.hex(), kOid);
    EXPECT_EQ(catalog_->entry(view->number, 3).value()->entry.path, "sub/x.bin");
    EXPECT_TRUE(catalog_->entry(view->number, 0).value()->entry.directory);
    EXPECT_FALSE(catalog_->entry(view->number, 4).value());
    EXPECT_FALSE(catalog_->child(view->number, 0, "absent").value());
    EXPECT_FALSE(catalog_->child(view->number, 0, std::string(1000, 'x')).value());
}

TEST_F(CatalogCommits, StaysAfterAReopenWithItsNumber) {
    set_pages({tree_file("x")});
    const auto before = commit("a/b");
    ASSERT_TRUE(before);
    reopen();
    source_.reset_counts();
    Answer<CommitView> again;
    catalog_->commit(model("a/b"), commit_id(), again.done());
    ASSERT_TRUE(again.here());
    EXPECT_EQ(again.get()->number, before->number);
    EXPECT_EQ(catalog_->commit_by_number(before->number)->id, commit_id());
    EXPECT_EQ(catalog_->commit_by_number(99).error().code, Code::stale);
    EXPECT_EQ(source_.api_count(), 0U);
}

TEST_F(CatalogCommits, TheTextOfTheTreeIsTheListingLineByLine) {
    hub::TreeEntry lfs;
    lfs.path = "model.safetensors";
    lfs.size = 548105171;
    lfs.oid = kOid;
    lfs.lfs_oid = std::string(64, 'b');
    lfs.pointer_size = 134;
    lfs.xet_hash = std::string(64, 'c');
    set_pages({tree_file("z") + "," + hub::to_json(lfs),
               tree_file("a") + "," + tree_file("missing/parent")});
    const auto view = commit("a/b");
    ASSERT_TRUE(view) << view.error().message;
    const auto text = catalog_->trees_text(view->number);
    ASSERT_TRUE(text);
    EXPECT_EQ(text->size(), view->trees_bytes);
    std::vector<hub::TreeEntry> listed;
    for (std::size_t at = 0; at < text->size();) {
        const std::size_t end = text->find('\n', at);
        ASSERT_NE(end, std::string::npos);
        auto item = hub::parse_tree_page("[" + text->substr(at, end - at) + "]");
        ASSERT_TRUE(item);
        listed.push_back(item->at(0));
        at = end + 1;
    }
    ASSERT_EQ(listed.size(), 4U);
    EXPECT_EQ(listed[0].path, "z");
    EXPECT_EQ(listed[1].lfs_oid, lfs.lfs_oid);
    EXPECT_EQ(listed[1].xet_hash, lfs.xet_hash);
    EXPECT_EQ(listed[2].path, "a");
    EXPECT_EQ(listed[3].path, "missing/parent");
    EXPECT_EQ(view->entries, 5U);  // the directory that nobody listed is in the tree
    EXPECT_EQ(names(view->number, 0),
              (std::vector<std::string>{"a", "missing", "model.safetensors", "z"}));
    const auto file = catalog_->child(view->number, 0, "model.safetensors").value();
    EXPECT_EQ(file->content().hash.kind, HashKind::sha256);
    EXPECT_EQ(file->content().hash.hex(), lfs.lfs_oid);
    EXPECT_EQ(file->content().size_bytes, lfs.size);
}

TEST_F(CatalogCommits, ManyPagesAndManyChunksAreOneTree) {
    std::vector<std::string> pages;
    std::size_t files = 0;
    for (int page = 0; page < 20; ++page) {
        std::string items;
        for (int i = 0; i < 1000; ++i, ++files) {
            items += (i == 0 ? "" : ",") + tree_file("d/" + std::to_string(files));
        }
        pages.push_back(items);
    }
    ASSERT_GT(files, kEntriesPerWrite);
    pages[0] = tree_directory("d") + "," + pages[0];
    set_pages(pages);
    const auto view = commit("a/b");
    ASSERT_TRUE(view) << view.error().message;
    EXPECT_EQ(view->entries, files + 1);
    EXPECT_EQ(source_.api_count(), 21U);
    const auto children = catalog_->children(view->number, 1);
    ASSERT_TRUE(children);
    EXPECT_EQ(children->size(), files);
    EXPECT_TRUE(std::ranges::is_sorted(*children, {}, &EntryView::name));
    EXPECT_EQ(catalog_->trees_text(view->number)->size(), view->trees_bytes);
}

TEST_F(CatalogCommits, OneFetchWhoeverAsks) {
    set_pages({tree_file("x"), tree_file("y")});
    ASSERT_TRUE(ref("a/b"));
    source_.hold();
    std::vector<Answer<CommitView>> answers(20);
    std::vector<std::thread> threads;
    for (auto& answer : answers) {
        threads.emplace_back([&] { catalog_->commit(model("a/b"), commit_id(), answer.done()); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    ASSERT_TRUE(source_.wait_held(1));
    source_.release();
    for (auto& answer : answers) {
        EXPECT_EQ(answer.get()->number, 1U);
    }
    EXPECT_EQ(source_.api_count(), 3U);
}

TEST_F(CatalogCommits, TheDateOfAnotherCommitIsAskedFor) {
    source_.set_json(revision_path("a/b"), info_body("a/b", kOtherSha));
    set_pages({tree_file("x")});
    source_.set_json("/api/models/a/b/commits/" + kSha + "?limit=1",
                     R"([{"id":")" + kSha +
                         R"(","title":"t","message":"","authors":[],)"
                         R"("date":"2024-01-30T07:41:18.000Z"}])");
    const auto view = commit("a/b");
    ASSERT_TRUE(view) << view.error().message;
    EXPECT_EQ(view->date, instant_from("2024-01-30T07:41:18.000Z"));
}

TEST_F(CatalogCommits, WithoutACommitsPageTheRevisionTellsTheDateAndNobodyInventsOne) {
    source_.set_json(revision_path("a/b"), info_body("a/b", kOtherSha));
    set_pages({tree_file("x")});
    source_.set_missing("/api/models/a/b/commits/" + kSha + "?limit=1", "", 404);
    source_.set_api(revision_path("a/b", kSha), Error{Code::unavailable, "503"});
    EXPECT_EQ(commit("a/b").error().code, Code::unavailable);
    forget_failures();
    source_.set_json(revision_path("a/b", kSha), R"({"id":"a/b","private":false})");
    EXPECT_EQ(commit("a/b").error().code, Code::protocol);
    forget_failures();
    source_.set_json(revision_path("a/b", kSha), info_body("a/b"));
    EXPECT_EQ(commit("a/b")->date, instant_from(kDate));
}

TEST_F(CatalogCommits, ACommitsPageOfAnotherCommitIsNoAnswerAndTheRevisionTellsTheDate) {
    source_.set_json(revision_path("a/b"), info_body("a/b", kOtherSha));
    set_pages({tree_file("x")});
    const std::string page = "/api/models/a/b/commits/" + kSha + "?limit=1";
    source_.set_json(page, R"([{"id":")" + kOtherSha + R"(","date":"2024-01-30T07:41:18.000Z"}])");
    source_.set_json(revision_path("a/b", kSha), info_body("a/b"));
    const auto view = commit("a/b");
    ASSERT_TRUE(view) << view.error().message;
    EXPECT_EQ(view->date, instant_from(kDate));
}

TEST_F(CatalogCommits, AFailedFetchIsNotTriedAgainForTwoSeconds) {
    source_.set_api(tree_path("a/b"), Error{Code::timed_out, "deadline"});
    EXPECT_EQ(commit("a/b").error().code, Code::timed_out);
    set_pages({tree_file("x")});
    EXPECT_EQ(commit("a/b").error().code, Code::timed_out);
    EXPECT_EQ(source_.api_count(tree_path("a/b")), 1U);
    forget_failures();
    EXPECT_TRUE(commit("a/b"));
}

TEST_F(CatalogCommits, ATreeThatCannotBeReadLeavesALineWithoutItsQuery) {
    const std::string file = dir_.path() + "/log";
    log::open("test", "warn", file);
    set_pages({"\"no entry\""});
    EXPECT_EQ(commit("a/b").error().code, Code::protocol);
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    log::open("test", "warn");
    EXPECT_NE(text.find("upstream_answer path=/api/models/a/b/tree/" + kSha), std::string::npos)
        << text;
    EXPECT_EQ(text.find("recursive"), std::string::npos) << text;
}

TEST_F(CatalogCommits, AnAbsentCommitIsRememberedForAWhile) {
    source_.set_missing(tree_path("a/b"), "RevisionNotFound", 404);
    EXPECT_EQ(commit("a/b").error().code, Code::not_found);
    EXPECT_EQ(commit("a/b").error().code, Code::not_found);
    EXPECT_EQ(source_.api_count(tree_path("a/b")), 1U);
    clock_.advance(seconds(11));
    set_pages({tree_file("x")});
    EXPECT_TRUE(commit("a/b"));
}

TEST_F(CatalogCommits, FailuresAreNotAbsence) {
    source_.set_api(tree_path("a/b"), Error{Code::timed_out, "deadline"});
    EXPECT_EQ(commit("a/b").error().code, Code::timed_out);
    EXPECT_EQ(catalog_->known_repo(model("a/b"))->last_error, "http_response_timeout");
    forget_failures();
    set_pages({tree_file("x")});
    EXPECT_TRUE(commit("a/b"));
    EXPECT_EQ(catalog_->known_repo(model("a/b"))->last_error, "");
}

TEST_F(CatalogCommits, HostileTreesAreRefusedAndLeaveNothing) {
    const std::vector<std::vector<std::string>> listings = {
        {tree_file("a"), tree_file("a")},
        {tree_file("a"), tree_file("a/b")},
        {tree_directory("a"), tree_file("a")},
        {tree_file("../a")},
        {tree_file("a//b")},
        {tree_file("x"), "\"no entry\""},
    };
    for (const auto& pages : listings) {
        set_pages(pages);
        EXPECT_EQ(commit("a/b").error().code, Code::protocol) << pages[0];
        forget_failures();
    }
    const std::string stats = catalog_->stats_json();
    EXPECT_NE(stats.find("\"entries\":0"), std::string::npos) << stats;
    EXPECT_NE(stats.find("\"commits\":0"), std::string::npos) << stats;
}

TEST_F(CatalogCommits, TheNextPageMustBeOfTheSameTree) {
    for (const std::string& next :
         {"https://huggingface.co/api/models/a/other/tree/" + kSha + "?cursor=1",
          std::string("https://huggingface.co/api/whoami-v2?cursor=1"), tree_path("a/b")}) {
        source_.set_json(tree_path("a/b"), "[" + tree_file("x") + "]",
                         "<" + next + ">; rel=\"next\"");
        EXPECT_EQ(commit("a/b").error().code, Code::protocol) << next;
        forget_failures();
    }
    EXPECT_EQ(source_.api_count("/api/whoami-v2?cursor=1"), 0U);
}

TEST_F(CatalogCommits, AHubBelowAPathMayPutItInFrontOfTheNextPage) {
    const std::string next = tree_path("a/b") + "&cursor=1";
    source_.set_json(tree_path("a/b"), "[" + tree_file("x") + "]",
                     "<https://mirror.example/hf" + next + ">; rel=\"next\"");
    source_.set_json(next, "[" + tree_file("y") + "]");
    const auto view = commit("a/b");
    ASSERT_TRUE(view) << view.error().message;
    EXPECT_EQ(view->entries, 2U);
}

TEST_F(CatalogCommits, AMaskedTreeIsGatedAndTheStateIsAskedForAgain) {
    ASSERT_TRUE(ref("a/b"));
    source_.set_json(tree_path("a/b"), R"([{"type":"file","oid":")" + kOid +
                                           R"(","size":5,"lfs":{"oid":")" + std::string(64, '*') +
                                           R"(","size":5,"pointerSize":130},"path":"m"}])");
    source_.set_json(revision_path("a/b"),
                     info_body("a/b", kSha, R"("private":false,"gated":"auto")"));
    EXPECT_EQ(commit("a/b").error().code, Code::gated);
    while (catalog_->epoch() == 0) {
        std::this_thread::yield();
    }
    EXPECT_EQ(catalog_->known_repo(model("a/b"))->state, hub::RepoState::gated);
}

TEST_F(CatalogCommits, ARefusedTokenIsNotARefusedTree) {
    source_.set_api(tree_path("a/b"), [](const upstream::ApiRequest& request) {
        upstream::ApiResponse response;
        response.status = request.with_token ? 401 : 200;
        response.body = "[" + tree_file("x") + "]";
        return Result<upstream::ApiResponse>(response);
    });
    EXPECT_TRUE(commit("a/b"));
}

TEST_F(CatalogCommits, TwoRepositoriesWithTheSameCommitHaveTreesOfTheirOwn) {
    set_pages({tree_file("x")});
    source_.set_json(revision_path("a/fork"), info_body("a/fork"));
    source_.set_json(tree_path("a/fork"), "[" + tree_file("x") + "]");
    EXPECT_NE(commit("a/b")->number, commit("a/fork")->number);
}

}  // namespace
}  // namespace hubfs::meta::test
