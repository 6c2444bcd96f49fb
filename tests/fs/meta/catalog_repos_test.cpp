// SPDX-License-Identifier: Apache-2.0
#include <latch>
#include <thread>

#include "tests/fs/meta/meta_fixture.h"

namespace hubfs::meta::test {
namespace {

using hub::RepoState;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class CatalogRepos : public CatalogTest {};

TEST_F(CatalogRepos, OneRequestTellsRefStateAndDocument) {
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    const auto main = ref("a/b");
    ASSERT_TRUE(main) << main.error().message;
    EXPECT_EQ(main->commit, commit_id());
    EXPECT_EQ(main->fresh.how, How::fetched);
    EXPECT_EQ(main->fresh.checked, clock_.now());
    EXPECT_EQ(main->fresh.expires, clock_.now() + config_.ref);
    const auto view = repo("a/b");
    ASSERT_TRUE(view);
    EXPECT_EQ(view->key, model("a/b"));
    EXPECT_EQ(view->state, RepoState::open);
    EXPECT_EQ(view->fresh.expires, clock_.now() + config_.state);
    const auto page = document(revision_path("a/b"));
    ASSERT_TRUE(page);
    EXPECT_EQ((*page)->body, info_body("a/b"));
    EXPECT_EQ(source_.api_count(), 1U);
}

TEST_F(CatalogRepos, EverythingIsThereAfterAReopen) {
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    ASSERT_TRUE(ref("a/b"));
    reopen();
    EXPECT_EQ(ref("a/b")->commit, commit_id());
    EXPECT_EQ(repo("a/b")->state, RepoState::open);
    EXPECT_EQ((*document(revision_path("a/b")))->body, info_body("a/b"));
    EXPECT_EQ(source_.api_count(), 1U);
}

TEST_F(CatalogRepos, FiftyQuestionsAtOnceAreOneRequest) {
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    source_.hold();
    constexpr std::size_t kAskers = 50;
    std::vector<Answer<RefView>> answers(kAskers);
    std::latch started(kAskers);
    std::vector<std::thread> threads;
    for (auto& answer : answers) {
        threads.emplace_back([&] {
            started.arrive_and_wait();
            catalog_->ref(model("a/b"), "main", answer.done());
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    ASSERT_TRUE(source_.wait_held(1));
    source_.release();
    for (auto& answer : answers) {
        const auto view = answer.get();
        ASSERT_TRUE(view) << view.error().message;
        EXPECT_EQ(view->commit, commit_id());
    }
    EXPECT_EQ(source_.api_count(), 1U);
}

TEST_F(CatalogRepos, AnswersThatAreHereComeInline) {
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    ASSERT_TRUE(ref("a/b"));
    Answer<RefView> again;
    catalog_->ref(model("a/b"), "main", again.done());
    EXPECT_TRUE(again.here());
    Answer<RepoView> view;
    catalog_->repo(model("a/b"), view.done());
    EXPECT_TRUE(view.here());
}

TEST_F(CatalogRepos, AnExpiredRefIsAskedForWithACondition) {
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    ASSERT_TRUE(ref("a/b"));
    clock_.advance(minutes(6));
    const auto confirmed = ref("a/b");
    ASSERT_TRUE(confirmed);
    EXPECT_EQ(confirmed->fresh.how, How::revalidated);
    EXPECT_EQ(confirmed->fresh.checked, clock_.now());
    EXPECT_EQ(source_.api_requests().back().if_none_match, weak_api_etag(info_body("a/b")));
    EXPECT_FALSE(source_.api_requests().back().with_token);
    // It confirmed the state as well: that would have expired 54 minutes from now.
    clock_.advance(minutes(58));
    EXPECT_EQ(repo("a/b")->fresh.how, How::revalidated);
    EXPECT_EQ(source_.api_count(), 2U);

    source_.set_json(revision_path("a/b"), info_body("a/b", kOtherSha));
    const auto moved = ref("a/b");
    EXPECT_EQ(moved->commit, commit_id(kOtherSha));
    EXPECT_EQ(moved->fresh.how, How::fetched);
}

TEST_F(CatalogRepos, AFreshRefIsRenewedOnRequestOnceASecond) {
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    ASSERT_TRUE(ref("a/b"));
    const auto renewed = [&] {
        Answer<RefView> answer;
        catalog_->renewed_ref(model("a/b"), "main", answer.done());
        return answer.get();
    };
    ASSERT_TRUE(renewed());
    EXPECT_EQ(source_.api_count(), 1U);  // not so soon
    clock_.advance(seconds(2));
    const auto again = renewed();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->fresh.how, How::revalidated);
    EXPECT_EQ(again->fresh.checked, clock_.now());
    EXPECT_EQ(source_.api_count(), 2U);
    clock_.advance(seconds(2));
    ASSERT_TRUE(ref("a/b"));
    EXPECT_EQ(source_.api_count(), 2U);  // an ordinary question is still answered from here
}

TEST_F(CatalogRepos, ARenewalThatHangsGivesTheOldAnswerAfterTheWaitAndTheNewOneLater) {
    config_.wait = std::chrono::milliseconds(20);
    reopen();
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    ASSERT_TRUE(ref("a/b"));
    const Instant checked = clock_.now();
    clock_.advance(minutes(6));
    source_.hold();
    source_.set_json(revision_path("a/b"), info_body("a/b", kOtherSha));
    const auto old = ref("a/b");
    ASSERT_TRUE(old) << old.error().message;
    EXPECT_EQ(old->commit, commit_id());
    EXPECT_EQ(old->fresh.how, How::stale);
    EXPECT_EQ(old->fresh.checked, checked);
    EXPECT_LT(old->fresh.expires, clock_.now());
    // The question goes on; nobody asks it again.
    EXPECT_EQ(ref("a/b")->fresh.how, How::stale);
    EXPECT_EQ(source_.api_count(), 2U);
    Answer<std::shared_ptr<const Document>> waiting;
    source_.release();
    for (auto view = ref("a/b"); view && view->commit != commit_id(kOtherSha); view = ref("a/b")) {
        std::this_thread::yield();
    }
    EXPECT_EQ(source_.api_count(), 2U);
}

TEST_F(CatalogRepos, WhatIsKnownIsServedStaleWhileUpstreamIsDown) {
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    ASSERT_TRUE(ref("a/b"));
    source_.forget_api(revision_path("a/b"));
    fail_all(Code::unreachable);
    clock_.advance(hours(24 * 6));
    const auto old = ref("a/b");
    ASSERT_TRUE(old);
    EXPECT_EQ(old->fresh.how, How::stale);
    const auto view = repo("a/b");
    ASSERT_TRUE(view);
    EXPECT_EQ(view->fresh.how, How::stale);
    EXPECT_EQ(view->last_error, "connection_refused");
    EXPECT_EQ((*document(revision_path("a/b")))->fresh.how, How::stale);
    EXPECT_EQ(ref("x/unknown").error().code, Code::unreachable);
    // A failing upstream is not asked for every access.
    const auto asked = source_.api_count();
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(ref("a/b"));
    }
    EXPECT_EQ(source_.api_count(), asked);

    clock_.advance(hours(24 * 2));
    EXPECT_EQ(ref("a/b").error().code, Code::unreachable);

    forget_failures();
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    EXPECT_EQ(ref("a/b")->fresh.how, How::revalidated);
    EXPECT_EQ(repo("a/b")->last_error, "");
}

TEST_F(CatalogRepos, AFailureIsNeverAbsence) {
    for (const Code code : {Code::unavailable, Code::timed_out, Code::rate_limited, Code::protocol,
                            Code::unreachable}) {
        fail_all(code);
        EXPECT_EQ(repo("a/b").error().code, code);
        EXPECT_EQ(ref("a/b").error().code, code);
        forget_failures();
    }
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    EXPECT_TRUE(ref("a/b"));
}

TEST_F(CatalogRepos, AnswersThatAreNoneAreAProtocolError) {
    for (const int status : {204, 302, 408, 500}) {
        upstream::ApiResponse response;
        response.status = status;
        source_.set_api(revision_path("a/b"), response);
        EXPECT_EQ(ref("a/b").error().code, Code::protocol) << status;
        forget_failures();
    }
    source_.set_json(revision_path("a/b"), "{\"id\":");
    EXPECT_EQ(ref("a/b").error().code, Code::protocol);
    EXPECT_FALSE(catalog_->known_repo(model("a/b")));
}

TEST_F(CatalogRepos, AbsentNamesAreRememberedForAWhileOnly) {
    source_.set_missing(revision_path("a/b"), "", 401);
    EXPECT_EQ(repo("a/b").error().code, Code::not_found);
    EXPECT_EQ(repo("a/b").error().code, Code::not_found);
    EXPECT_EQ(ref("a/b").error().code, Code::not_found);
    EXPECT_EQ(source_.api_count(), 1U);
    EXPECT_FALSE(catalog_->known_repo(model("a/b")));
    EXPECT_TRUE(catalog_->known_repos(RepoType::model, "a").empty());

    clock_.advance(seconds(11));
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    EXPECT_TRUE(repo("a/b"));
}

TEST_F(CatalogRepos, AnExpiredAbsenceIsNotServedInPlaceOfAFailure) {
    source_.set_missing(revision_path("a/b"), "RepoNotFound", 404);
    EXPECT_EQ(ref("a/b").error().code, Code::not_found);
    clock_.advance(seconds(11));
    source_.set_api(revision_path("a/b"), Error{Code::unavailable, "503"});
    EXPECT_EQ(ref("a/b").error().code, Code::unavailable);
}

TEST_F(CatalogRepos, AMissingRevisionIsNoMissingRepository) {
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    source_.set_missing(revision_path("a/b", "v9"), "RevisionNotFound", 404);
    EXPECT_EQ(ref("a/b", "v9").error().code, Code::not_found);
    EXPECT_EQ(repo("a/b")->state, RepoState::open);
    EXPECT_EQ(ref("a/b", "v9").error().code, Code::not_found);
    EXPECT_EQ(source_.api_count(), 2U);
    clock_.advance(seconds(11));
    source_.set_json(revision_path("a/b", "v9"), info_body("a/b"));
    EXPECT_TRUE(ref("a/b", "v9"));
}

TEST_F(CatalogRepos, ADeletedBranchIsGoneAfterItsTime) {
    source_.set_json(revision_path("a/b", "dev"), info_body("a/b"));
    ASSERT_TRUE(ref("a/b", "dev"));
    EXPECT_EQ(catalog_->known_refs(model("a/b"), 10).size(), 1U);
    clock_.advance(minutes(6));
    source_.set_missing(revision_path("a/b", "dev"), "RevisionNotFound", 404);
    EXPECT_EQ(ref("a/b", "dev").error().code, Code::not_found);
    EXPECT_TRUE(catalog_->known_refs(model("a/b"), 10).empty());
}

TEST_F(CatalogRepos, ARepositoryWithoutMainIsAskedForItself) {
    source_.set_missing(revision_path("a/b"), "RevisionNotFound", 404);
    source_.set_json("/api/models/a/b", info_body("a/b"));
    const auto view = repo("a/b");
    ASSERT_TRUE(view) << view.error().message;
    EXPECT_EQ(view->state, RepoState::open);
    EXPECT_EQ(source_.api_count(), 2U);
}

TEST_F(CatalogRepos, OldNamesLeadToTheNewOne) {
    upstream::ApiResponse moved;
    moved.status = 200;
    moved.body = info_body("google-bert/bert-base-uncased");
    moved.etag = weak_api_etag(moved.body);
    moved.final_target = revision_path("google-bert/bert-base-uncased");
    source_.set_api(revision_path("bert-base-uncased"), moved);
    const auto view = repo("bert-base-uncased");
    ASSERT_TRUE(view);
    EXPECT_EQ(view->key.id, "google-bert/bert-base-uncased");
    EXPECT_EQ(ref("bert-base-uncased")->commit, commit_id());
    // The new name is known from the same answer, and so is its document.
    EXPECT_EQ(repo("google-bert/bert-base-uncased")->key.id, "google-bert/bert-base-uncased");
    EXPECT_TRUE(ref("google-bert/bert-base-uncased"));
    EXPECT_EQ((*document(revision_path("google-bert/bert-base-uncased")))->body, moved.body);
    EXPECT_EQ((*document(revision_path("bert-base-uncased")))->body, moved.body);
    EXPECT_EQ(source_.api_count(), 1U);
    EXPECT_EQ(catalog_->known_repos(RepoType::model, "").size(), 0U);
    EXPECT_EQ(catalog_->known_namespaces(RepoType::model),
              (std::vector<std::string>{"google-bert"}));
}

TEST_F(CatalogRepos, ARenamedRepositoryKeepsItsTreesAndItsOldNameIsWithdrawn) {
    source_.set_json(revision_path("a/old"), info_body("a/old"));
    source_.set_json(tree_path("a/old"), "[" + tree_file("x") + "]");
    const auto before = commit("a/old");
    ASSERT_TRUE(before) << before.error().message;

    clock_.advance(hours(2));
    source_.set_json(revision_path("a/old"), info_body("a/new"));
    EXPECT_EQ(repo("a/old")->key.id, "a/new");
    const auto after = commit("a/new");
    ASSERT_TRUE(after);
    EXPECT_EQ(after->number, before->number);
    EXPECT_EQ(after->repo.id, "a/new");
    EXPECT_EQ(states(),
              (std::vector<std::pair<std::string, RepoState>>{{"a/old", RepoState::gone}}));
    // Somebody takes the old name for a repository of its own.
    clock_.advance(hours(2));
    source_.set_json(revision_path("a/old"), info_body("a/old", kOtherSha));
    EXPECT_EQ(repo("a/old")->key.id, "a/old");
    EXPECT_EQ(ref("a/old")->commit, commit_id(kOtherSha));
}

TEST_F(CatalogRepos, StatesAreReadFromTheRepositorysAnswer) {
    struct Row {
        const char* id;
        const char* flags;
        RepoState state;
        Code code;
    };
    const Row rows[] = {
        {"a/gated", R"("private":false,"gated":"auto")", RepoState::gated, Code::gated},
        {"a/private", R"("private":true,"gated":false)", RepoState::private_, Code::denied},
    };
    for (const Row& row : rows) {
        source_.set_json(revision_path(row.id), info_body(row.id, kSha, row.flags));
        EXPECT_EQ(repo(row.id)->state, row.state) << row.id;
        EXPECT_EQ(ref(row.id).error().code, row.code) << row.id;
        EXPECT_EQ(document(revision_path(row.id)).error().code, row.code) << row.id;
        EXPECT_EQ(commit(row.id).error().code, row.code) << row.id;
        EXPECT_EQ(refs(row.id).error().code, row.code) << row.id;
    }
    EXPECT_EQ(source_.api_count(), 2U);
    upstream::ApiResponse disabled;
    disabled.status = 403;
    disabled.error_message = "Access to this resource is disabled.";
    source_.set_api(revision_path("a/disabled"), disabled);
    EXPECT_EQ(ref("a/disabled").error().code, Code::denied);
    EXPECT_EQ(repo("a/disabled")->state, RepoState::disabled);
    EXPECT_EQ(document("/api/models/a/disabled").error().code, Code::denied);
    EXPECT_TRUE(states().empty());  // nothing has changed: they were never known otherwise
}

TEST_F(CatalogRepos, AChangeOfStateIsToldAndRaisesTheEpoch) {
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    ASSERT_TRUE(ref("a/b"));
    EXPECT_EQ(catalog_->epoch(), 0U);
    EXPECT_EQ(catalog_->changes_text(), "");

    clock_.advance(minutes(61));
    source_.set_json(revision_path("a/b"),
                     info_body("a/b", kSha, R"("private":false,"gated":"manual")"));
    EXPECT_EQ(repo("a/b")->state, RepoState::gated);
    EXPECT_EQ(ref("a/b").error().code, Code::gated);
    EXPECT_EQ(document(revision_path("a/b")).error().code, Code::gated);
    EXPECT_EQ(catalog_->epoch(), 1U);

    clock_.advance(minutes(61));
    source_.set_missing(revision_path("a/b"), "", 401);
    EXPECT_EQ(repo("a/b")->state, RepoState::gone);
    EXPECT_EQ(ref("a/b").error().code, Code::not_found);
    EXPECT_TRUE(catalog_->known_repos(RepoType::model, "a").empty());
    EXPECT_TRUE(catalog_->known_namespaces(RepoType::model).empty());

    clock_.advance(seconds(11));  // what is gone is asked for again as soon as an absent name
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    EXPECT_EQ(repo("a/b")->state, RepoState::open);
    EXPECT_EQ(catalog_->changes_text(),
              "1 models/a/b gated\n2 models/a/b gone\n3 models/a/b public\n");
    EXPECT_EQ(states(),
              (std::vector<std::pair<std::string, RepoState>>{
                  {"a/b", RepoState::gated}, {"a/b", RepoState::gone}, {"a/b", RepoState::open}}));
    reopen();
    EXPECT_EQ(catalog_->epoch(), 3U);
}

TEST_F(CatalogRepos, TheStateIsAskedForAgainAfterItsTimeOnly) {
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    ASSERT_TRUE(repo("a/b"));
    clock_.advance(minutes(59));
    ASSERT_TRUE(repo("a/b"));
    EXPECT_EQ(source_.api_count(), 1U);
    clock_.advance(minutes(2));
    ASSERT_TRUE(repo("a/b"));
    EXPECT_EQ(source_.api_count(), 2U);
}

TEST_F(CatalogRepos, AGatedStateStaysGatedWhileUpstreamIsDown) {
    source_.set_json(revision_path("a/b"),
                     info_body("a/b", kSha, R"("private":false,"gated":"auto")"));
    EXPECT_EQ(ref("a/b").error().code, Code::gated);
    clock_.advance(hours(24));
    source_.set_api(revision_path("a/b"), Error{Code::unavailable, "503"});
    EXPECT_EQ(ref("a/b").error().code, Code::gated);
    EXPECT_EQ(document(revision_path("a/b")).error().code, Code::gated);
}

TEST_F(CatalogRepos, OfflineServesWhatIsKnownAndNothingElse) {
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    ASSERT_TRUE(ref("a/b"));
    config_.offline = true;
    reopen();
    clock_.advance(hours(48));
    EXPECT_EQ(ref("a/b")->fresh.how, How::stale);
    EXPECT_EQ(repo("a/b")->fresh.how, How::stale);
    EXPECT_EQ((*document(revision_path("a/b")))->fresh.how, How::stale);
    EXPECT_EQ(ref("a/b", "v1").error().code, Code::offline);
    EXPECT_EQ(repo("x/y").error().code, Code::offline);
    EXPECT_EQ(commit("a/b").error().code, Code::offline);
    EXPECT_EQ(source_.api_count(), 1U);
}

TEST_F(CatalogRepos, RefsListBranchesAndTagsAndForgetWhatIsDeleted) {
    const auto body = [](const std::string& tags) {
        return R"({"tags":[)" + tags + R"(],"branches":[{"name":"main","ref":"refs/heads/main",)" +
               R"("targetCommit":")" + kSha + R"("}],"converts":[{"name":"parquet",)" +
               R"("ref":"refs/convert/parquet","targetCommit":")" + kOtherSha + R"("}]})";
    };
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    source_.set_json("/api/models/a/b/refs",
                     body(R"({"name":"v1","ref":"refs/tags/v1","targetCommit":")" + kSha + "\"}"));
    const auto listed = refs("a/b");
    ASSERT_TRUE(listed) << listed.error().message;
    EXPECT_EQ(listed->refs.size(), 2U);
    EXPECT_FALSE(listed->only);
    EXPECT_EQ(source_.api_count(), 2U);
    // They are refs by name now, without another question.
    EXPECT_EQ(ref("a/b", "v1")->commit, commit_id());
    EXPECT_EQ(ref("a/b", "refs/convert/parquet")->commit, commit_id(kOtherSha));
    EXPECT_EQ(source_.api_count(), 2U);
    EXPECT_EQ(catalog_->known_refs(model("a/b"), 10).size(), 3U);
    EXPECT_EQ(catalog_->known_refs(model("a/b"), 2).size(), 2U);

    clock_.advance(minutes(6));
    source_.set_json("/api/models/a/b/refs", body(""));
    EXPECT_EQ(refs("a/b")->refs.size(), 1U);
    source_.set_missing(revision_path("a/b", "v1"), "RevisionNotFound", 404);
    EXPECT_EQ(ref("a/b", "v1").error().code, Code::not_found);
}

TEST_F(CatalogRepos, AFailedQuestionIsAnsweredTheSameForTwoSecondsWithoutAsking) {  // P39
    source_.set_api(revision_path("a/b"), Error{Code::timed_out, "deadline"});
    EXPECT_EQ(repo("a/b").error().code, Code::timed_out);
    EXPECT_EQ(repo("a/b").error().code, Code::timed_out);
    EXPECT_EQ(ref("a/b").error().code, Code::timed_out);
    EXPECT_EQ(document(revision_path("a/b")).error().code, Code::timed_out);
    EXPECT_EQ(source_.api_count(), 1U);
    // Another question is another matter.
    EXPECT_EQ(ref("a/b", "dev").error().code, Code::not_found);
    EXPECT_EQ(source_.api_count(), 2U);
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    clock_.advance(kFailureMemory - std::chrono::milliseconds(1));
    EXPECT_EQ(repo("a/b").error().code, Code::timed_out);
    clock_.advance(std::chrono::milliseconds(1));
    EXPECT_TRUE(repo("a/b"));
}

TEST_F(CatalogRepos, AGuessIsWaitedForNoLongerThanForARenewal) {  // P14
    config_.wait = std::chrono::milliseconds(20);
    reopen();
    source_.set_json(revision_path("gpt2"), info_body("gpt2"));
    source_.hold();
    Answer<RepoView> guess;
    catalog_->guess_repo(model("gpt2"), guess.done());
    EXPECT_EQ(guess.get().error().code, Code::timed_out);
    // The question goes on, and is the one that others wait for.
    Answer<RepoView> sure;
    catalog_->repo(model("gpt2"), sure.done());
    source_.release();
    EXPECT_TRUE(sure.get());
    EXPECT_EQ(source_.api_count(), 1U);
}

class CatalogRefsFromHere : public CatalogRepos {
protected:
    // Read by path only: main is known and its tree is here, nobody has listed references.
    void read_by_path() {
        source_.set_json(revision_path("a/b"), info_body("a/b"));
        source_.set_json(tree_path("a/b"), "[" + tree_file("x") + "]");
        ASSERT_TRUE(ref("a/b"));
        ASSERT_TRUE(commit("a/b"));
    }
    static std::vector<std::string> names(const RefsView& view) {
        std::vector<std::string> all;
        for (const hub::Ref& one : view.refs) {
            all.push_back(one.name);
        }
        return all;
    }
};

TEST_F(CatalogRefsFromHere, AreWhatIsKnownWhenUpstreamDoesNotAnswer) {
    read_by_path();
    for (const std::string& name :
         {std::string("dev"), std::string("refs/pr/1"), kOtherSha.substr(0, 7), kOtherSha}) {
        source_.set_json(revision_path("a/b", name == "refs/pr/1" ? "refs%2Fpr%2F1" : name),
                         info_body("a/b", kOtherSha));
        ASSERT_TRUE(ref("a/b", name)) << name;
    }
    for (const Code code : {Code::unreachable, Code::timed_out, Code::unavailable, Code::protocol,
                            Code::rate_limited}) {
        source_.set_api("/api/models/a/b/refs", Error{code, "broken"});
        const auto here = refs("a/b");
        ASSERT_TRUE(here) << name_of(code);
        EXPECT_EQ(names(*here), (std::vector<std::string>{"dev", "main"}));
        EXPECT_EQ(here->only, (std::vector<CommitId>{commit_id()}));
        forget_failures();
    }
    // The answer, once there is one, is worth more.
    source_.set_json("/api/models/a/b/refs",
                     R"({"branches":[{"name":"main","ref":"refs/heads/main","targetCommit":")" +
                         kSha + R"("}]})");
    EXPECT_EQ(names(*refs("a/b")), (std::vector<std::string>{"main"}));
    EXPECT_FALSE(refs("a/b")->only);
}

TEST_F(CatalogRefsFromHere, AreThereAfterARestartOffline) {
    read_by_path();
    config_.offline = true;
    reopen();
    clock_.advance(hours(48));
    const auto here = refs("a/b");
    ASSERT_TRUE(here) << here.error().message;
    EXPECT_EQ(names(*here), (std::vector<std::string>{"main"}));
    clock_.advance(hours(24 * 7));  // freshness.stale
    EXPECT_EQ(refs("a/b").error().code, Code::offline);
}

TEST_F(CatalogRefsFromHere, AreNotGivenForAnAnswerOrWithoutATree) {
    read_by_path();
    source_.set_missing("/api/models/a/b/refs", "RepoNotFound");
    EXPECT_EQ(refs("a/b").error().code, Code::not_found);
    source_.set_json(revision_path("a/c"), info_body("a/c"));
    ASSERT_TRUE(ref("a/c"));
    source_.set_api("/api/models/a/c/refs", Error{Code::unreachable, "down"});
    EXPECT_EQ(refs("a/c").error().code, Code::unreachable);
    source_.set_json(revision_path("a/b"),
                     info_body("a/b", kSha, R"("private":false,"gated":"auto")"));
    clock_.advance(hours(2));
    EXPECT_EQ(refs("a/b").error().code, Code::gated);
}

TEST_F(CatalogRepos, ARepositoryHasTheDateOfTheCommitThatMainPointsTo) {
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    EXPECT_EQ(repo("a/b")->date, instant_from(kDate));
    reopen();
    EXPECT_EQ(repo("a/b")->date, instant_from(kDate));
    // A listing moves main and has no dates; the tree of the commit has.
    source_.set_json("/api/models/a/b/refs",
                     R"({"branches":[{"name":"main","ref":"refs/heads/main","targetCommit":")" +
                         kOtherSha + R"("}]})");
    ASSERT_TRUE(refs("a/b"));
    EXPECT_FALSE(repo("a/b")->date);
    source_.set_json(tree_path("a/b", kOtherSha), "[" + tree_file("x") + "]");
    const std::string at = "2024-01-30T07:41:18.000Z";
    source_.set_json("/api/models/a/b/commits/" + kOtherSha + "?limit=1",
                     R"([{"id":")" + kOtherSha + R"(","date":")" + at + R"("}])");
    ASSERT_TRUE(commit("a/b", kOtherSha));
    EXPECT_EQ(repo("a/b")->date, instant_from(at));
}

TEST_F(CatalogRepos, AFailureOfContentIsTheLastErrorUntilAQuestionWorks) {
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    ASSERT_TRUE(ref("a/b"));
    catalog_->note_failure(model("a/b"), {Code::cancelled, "nobody's fault"});
    EXPECT_EQ(repo("a/b")->last_error, "");
    catalog_->note_failure(model("a/b"), {Code::protocol, "x: no (tls_certificate_error)"});
    EXPECT_EQ(repo("a/b")->last_error, "tls_certificate_error");
    clock_.advance(minutes(6));
    ASSERT_TRUE(ref("a/b"));
    EXPECT_EQ(repo("a/b")->last_error, "");
}

TEST_F(CatalogRepos, KnownNamesComeFromTheStore) {
    for (const char* id : {"BAAI/bge-m3", "BAAI/bge-small", "BAAI-x/y", "gpt2", "openai/gpt2"}) {
        source_.set_json(revision_path(id), info_body(id));
        ASSERT_TRUE(repo(id));
    }
    EXPECT_EQ(catalog_->known_namespaces(RepoType::model),
              (std::vector<std::string>{"BAAI-x", "BAAI", "openai"}));
    EXPECT_EQ(catalog_->known_repos(RepoType::model, "BAAI"),
              (std::vector<RepoKey>{model("BAAI/bge-m3"), model("BAAI/bge-small")}));
    EXPECT_EQ(catalog_->known_repos(RepoType::model, ""), (std::vector<RepoKey>{model("gpt2")}));
    EXPECT_TRUE(catalog_->known_namespaces(RepoType::dataset).empty());
}

TEST_F(CatalogRepos, NamesThatCannotBeAreRefusedWithoutAsking) {
    EXPECT_EQ(repo("a/b/c").error().code, Code::not_found);
    EXPECT_EQ(repo("../x").error().code, Code::not_found);
    EXPECT_EQ(ref("a/b", "").error().code, Code::not_found);
    EXPECT_EQ(ref("a/b", std::string("a\nb")).error().code, Code::not_found);
    EXPECT_EQ(ref("a/b", std::string(5000, 'x')).error().code, Code::not_found);
    EXPECT_FALSE(catalog_->known_repo(model("")));
    EXPECT_EQ(source_.api_count(), 0U);
}

TEST_F(CatalogRepos, WhoWaitsIsToldWhenTheCatalogueEnds) {
    source_.hold();
    Answer<RefView> answer;
    catalog_->ref(model("a/b"), "main", answer.done());
    ASSERT_TRUE(source_.wait_held(1));
    close();
    ASSERT_TRUE(answer.here());
    EXPECT_EQ(answer.get().error().code, Code::cancelled);
    source_.release();  // the late answer finds nobody
    EXPECT_TRUE(source_.wait_idle());
}

}  // namespace
}  // namespace hubfs::meta::test
