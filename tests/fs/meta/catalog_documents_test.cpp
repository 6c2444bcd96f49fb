// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include "tests/fs/meta/meta_fixture.h"

namespace hubfs::meta::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class CatalogDocuments : public CatalogTest {
protected:
    static constexpr const char* kList = "/api/models?search=bge";
};

TEST_F(CatalogDocuments, AListingIsKeptWithItsHeaders) {
    source_.set_json(kList, "[]", "</api/models?cursor=x>; rel=\"next\"");
    const auto list = document(kList);
    ASSERT_TRUE(list) << list.error().message;
    EXPECT_EQ((*list)->status, 200);
    EXPECT_EQ((*list)->target, kList);
    EXPECT_EQ((*list)->content_type, "application/json; charset=utf-8");
    EXPECT_EQ((*list)->etag, weak_api_etag("[]"));
    EXPECT_EQ((*list)->link, "</api/models?cursor=x>; rel=\"next\"");
    EXPECT_EQ((*list)->version, 1U);
    EXPECT_EQ((*list)->fresh.expires, clock_.now() + config_.document);
    Answer<std::shared_ptr<const Document>> again;
    catalog_->document(kList, again.done());
    EXPECT_TRUE(again.here());
    EXPECT_EQ(source_.api_count(), 1U);
    EXPECT_FALSE(source_.api_requests()[0].with_token);
}

TEST_F(CatalogDocuments, VersionsGrowOnlyWithNewAnswersAndOldOnesStayReadable) {
    source_.set_json(kList, "[1]");
    const auto first = document(kList);
    ASSERT_TRUE(first);
    clock_.advance(minutes(6));
    const auto confirmed = document(kList);
    EXPECT_EQ((*confirmed)->version, 1U);
    EXPECT_EQ((*confirmed)->fresh.how, How::revalidated);
    EXPECT_EQ((*confirmed)->body, "[1]");

    upstream::ApiResponse no_etag;
    no_etag.status = 200;
    no_etag.content_type = "application/json; charset=utf-8";
    no_etag.etag = weak_api_etag("[1]");
    no_etag.body = "[1]";
    clock_.advance(minutes(6));
    // A full answer with the same bytes is the same version too.
    source_.set_api(kList, [no_etag](const upstream::ApiRequest&) {
        return Result<upstream::ApiResponse>(no_etag);
    });
    const auto same = document(kList);
    EXPECT_EQ((*same)->version, 1U);
    EXPECT_EQ((*same)->fresh.how, How::fetched);

    clock_.advance(minutes(6));
    source_.set_json(kList, "[2]");
    const auto second = document(kList);
    EXPECT_EQ((*second)->version, 2U);
    EXPECT_EQ((*second)->number, (*first)->number);
    const auto old = catalog_->document_by_number((*first)->number, 1);
    ASSERT_TRUE(old);
    EXPECT_EQ((*old)->body, "[1]");
    reopen();
    EXPECT_EQ((*catalog_->document_by_number((*first)->number, 1))->body, "[1]");
    EXPECT_EQ((*catalog_->document_by_number((*first)->number, 2))->body, "[2]");
    EXPECT_EQ(catalog_->document_by_number((*first)->number, 3).error().code, Code::stale);
    EXPECT_EQ(catalog_->document_by_number(999, 1).error().code, Code::stale);
}

TEST_F(CatalogDocuments, ARenewedOneIsAskedForAgainOnceASecond) {
    source_.set_json(kList, "[1]");
    const auto renewed = [&] {
        Answer<std::shared_ptr<const Document>> answer;
        catalog_->renewed_document(kList, answer.done());
        return answer.get();
    };
    ASSERT_TRUE(renewed());
    ASSERT_TRUE(renewed());
    EXPECT_EQ(source_.api_count(), 1U);  // just asked
    clock_.advance(seconds(2));
    const auto same = renewed();
    ASSERT_TRUE(same);
    EXPECT_EQ(source_.api_count(), 2U);
    EXPECT_EQ((*same)->fresh.how, How::revalidated);
    EXPECT_EQ((*same)->fresh.checked, clock_.now());
    clock_.advance(seconds(2));
    source_.set_json(kList, "[2]");
    EXPECT_TRUE(renewed_.empty());  // a 304 gave no new version
    EXPECT_EQ((*renewed())->body, "[2]");
    EXPECT_EQ(renewed_, std::vector<std::string>{kList});
    clock_.advance(seconds(2));
    source_.set_api(kList, [](const upstream::ApiRequest&) {
        return Result<upstream::ApiResponse>(fail(Code::unreachable, "down"));
    });
    const auto kept = renewed();
    ASSERT_TRUE(kept) << kept.error().message;
    EXPECT_EQ((*kept)->body, "[2]");
}

TEST_F(CatalogDocuments, OnlyTheLastFewVersionsAreKept) {
    std::uint32_t number = 0;
    for (int i = 1; i <= 6; ++i) {
        source_.set_json(kList, "[" + std::to_string(i) + "]");
        const auto list = document(kList);
        ASSERT_TRUE(list);
        EXPECT_EQ((*list)->version, static_cast<std::uint32_t>(i));
        number = (*list)->number;
        clock_.advance(minutes(6));
    }
    reopen();  // the memory of what was read lately is gone
    EXPECT_FALSE(catalog_->document_by_number(number, 2));
    EXPECT_TRUE(catalog_->document_by_number(number, 3));
}

TEST_F(CatalogDocuments, ErrorsAreDocumentsForAsLongAsAbsentNames) {
    source_.set_missing("/api/models/a/b", "RepoNotFound", 404);
    const auto missing = document("/api/models/a/b");
    ASSERT_TRUE(missing) << missing.error().message;
    EXPECT_EQ((*missing)->status, 404);
    EXPECT_EQ((*missing)->error_code, "RepoNotFound");
    EXPECT_EQ((*missing)->fresh.expires, clock_.now() + config_.absent);
    ASSERT_TRUE(document("/api/models/a/b"));
    EXPECT_EQ(source_.api_count(), 1U);
    clock_.advance(seconds(11));
    source_.set_json("/api/models/a/b", info_body("a/b"));
    EXPECT_EQ((*document("/api/models/a/b"))->status, 200);
}

TEST_F(CatalogDocuments, FailuresAreErrorsAndStoreNothing) {
    for (const Code code : {Code::unavailable, Code::rate_limited, Code::timed_out}) {
        source_.set_api(kList, Error{code, "no"});
        EXPECT_EQ(document(kList).error().code, code);
        forget_failures();
    }
    source_.set_json(kList, "[]");
    EXPECT_EQ((*document(kList))->version, 1U);
    clock_.advance(hours(1));
    source_.set_api(kList, Error{Code::unavailable, "no"});
    const auto old = document(kList);
    ASSERT_TRUE(old);
    EXPECT_EQ((*old)->fresh.how, How::stale);
    EXPECT_EQ((*old)->body, "[]");
    clock_.advance(hours(24 * 8));
    EXPECT_EQ(document(kList).error().code, Code::unavailable);
}

TEST_F(CatalogDocuments, WhatIsNotOnTheListIsNotFoundWithoutAsking) {
    for (const char* target : {"/api/whoami-v2", "/api/spaces/a/b", "/a/b/resolve/main/x"}) {
        EXPECT_EQ(document(target).error().code, Code::not_found) << target;
    }
    EXPECT_EQ(source_.api_count(), 0U);
}

TEST_F(CatalogDocuments, DocumentsOfARepositoryWaitForItsState) {
    const std::string expanded = "/api/models/a/b/tree/main?expand=true";
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    source_.set_json(expanded, "[]");
    ASSERT_TRUE(document(expanded));
    EXPECT_EQ(source_.api_requests()[0].target, revision_path("a/b"));
    EXPECT_EQ(source_.api_requests()[1].target, expanded);

    source_.set_json(revision_path("a/gated"),
                     info_body("a/gated", kSha, R"("private":false,"gated":"auto")"));
    const std::string gated = "/api/models/a/gated/tree/main?expand=true";
    source_.set_json(gated, "[]");
    EXPECT_EQ(document(gated).error().code, Code::gated);
    EXPECT_EQ(source_.api_count(gated), 0U);
}

TEST_F(CatalogDocuments, FieldsThatWereNotAskedForSayNothingAboutTheState) {
    source_.set_json(revision_path("a/b"),
                     info_body("a/b", kSha, R"("private":false,"gated":"auto")"));
    EXPECT_EQ(repo("a/b")->state, hub::RepoState::gated);
    // This body has no "gated"; it must not make the repository public.
    const std::string likes = "/api/models/a/b?expand=likes";
    source_.set_json(likes, R"({"_id":"1","id":"a/b","likes":3})");
    EXPECT_EQ(document(likes).error().code, Code::gated);
    EXPECT_EQ(repo("a/b")->state, hub::RepoState::gated);
}

TEST_F(CatalogDocuments, ARepositoryWithdrawnTakesItsDocumentsAlong) {
    const std::string commits = "/api/models/a/b/commits/main";
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    source_.set_json(commits, "[]");
    ASSERT_TRUE(document(commits));
    clock_.advance(minutes(61));
    source_.set_json(revision_path("a/b"),
                     info_body("a/b", kSha, R"("private":false,"gated":"auto")"));
    EXPECT_EQ(document(commits).error().code, Code::gated);
}

TEST_F(CatalogDocuments, ADocumentDoesNotOutliveTheStateOfItsRepository) {
    config_.document = hours(10);
    reopen();
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    const auto page = document(revision_path("a/b"));
    ASSERT_TRUE(page);
    clock_.advance(minutes(30));
    EXPECT_EQ((*document(revision_path("a/b")))->fresh.expires, (*page)->fresh.checked + hours(1));
    clock_.advance(minutes(31));
    source_.set_json(revision_path("a/b"),
                     info_body("a/b", kSha, R"("private":false,"gated":"auto")"));
    EXPECT_EQ(document(revision_path("a/b")).error().code, Code::gated);
}

TEST_F(CatalogDocuments, ARefusalOfADocumentPutsTheStateInDoubt) {
    const std::string commits = "/api/models/a/b/commits/main";
    source_.set_json(revision_path("a/b"), info_body("a/b"));
    ASSERT_TRUE(repo("a/b"));
    source_.set_missing(commits, "", 401);
    source_.set_missing(revision_path("a/b"), "", 401);
    EXPECT_EQ(document(commits).error().code, Code::protocol);  // of a repository that is there
    // Long before its hour is over.
    while (catalog_->epoch() == 0) {
        std::this_thread::yield();
    }
    EXPECT_EQ(repo("a/b")->state, hub::RepoState::gone);
}

TEST_F(CatalogDocuments, AnAnswerThatIsNoJsonIsNeverKeptAndTheOldOneIsServed) {
    upstream::ApiResponse portal;
    portal.status = 200;
    portal.content_type = "text/html";
    portal.body = "<html>portal</html>";
    upstream::ApiResponse empty;
    empty.status = 200;
    empty.content_type = "application/json";
    for (const auto& wrong : {portal, empty}) {
        source_.set_api(kList, wrong);
        EXPECT_EQ(document(kList).error().code, Code::protocol);
        EXPECT_EQ(document(kList).error().code, Code::protocol);
        forget_failures();
    }
    EXPECT_EQ(source_.api_count(), 2U);
    EXPECT_NE(catalog_->stats_json().find("\"documents\":0"), std::string::npos);
    source_.set_json(kList, "[1]");
    ASSERT_TRUE(document(kList));
    clock_.advance(minutes(6));
    source_.set_api(kList, portal);
    const auto old = document(kList);
    ASSERT_TRUE(old) << old.error().message;
    EXPECT_EQ((*old)->body, "[1]");
    EXPECT_EQ((*old)->fresh.how, How::stale);
}

TEST_F(CatalogDocuments, TheOldestUsedGoWhenTheQuotaIsReached) {
    config_.documents_bytes = 10000;
    reopen();
    const std::string body = "[\"" + std::string(2000, 'x') + "\"]";
    for (int i = 0; i < 8; ++i) {
        const std::string target = "/api/models?search=" + std::to_string(i);
        source_.set_json(target, body);
        ASSERT_TRUE(document(target));
        clock_.advance(seconds(1));
    }
    source_.reset_counts();
    ASSERT_TRUE(document("/api/models?search=7"));
    EXPECT_EQ(source_.api_count(), 0U);
    const auto first = document("/api/models?search=0");
    ASSERT_TRUE(first);
    EXPECT_EQ(source_.api_count(), 1U);
    EXPECT_GT((*first)->number, 8U);  // numbers are never reused
    EXPECT_NE(catalog_->stats_json().find("\"documents\":3"), std::string::npos)
        << catalog_->stats_json();
}

TEST_F(CatalogDocuments, ReadingKeepsADocument) {
    config_.documents_bytes = 10000;
    config_.document = hours(10);
    reopen();
    const std::string body = "[\"" + std::string(2000, 'x') + "\"]";
    const std::string kept = "/api/models?search=kept";
    source_.set_json(kept, body);
    ASSERT_TRUE(document(kept));
    for (int i = 0; i < 8; ++i) {
        clock_.advance(minutes(6));
        ASSERT_TRUE(document(kept));
        const std::string target = "/api/models?search=" + std::to_string(i);
        source_.set_json(target, body);
        ASSERT_TRUE(document(target));
    }
    EXPECT_EQ(source_.api_count(kept), 1U);
}

TEST_F(CatalogDocuments, ADocumentLargerThanTheQuotaIsRefused) {
    config_.documents_bytes = 1000;
    reopen();
    source_.set_json(kList, "[\"" + std::string(2000, 'x') + "\"]");
    EXPECT_EQ(document(kList).error().code, Code::no_space);
    // What it says of its repository is known all the same.
    source_.set_json(revision_path("a/b"), info_body("a/b") + std::string(2000, ' '));
    EXPECT_TRUE(ref("a/b"));
    EXPECT_EQ(repo("a/b")->state, hub::RepoState::open);
}

TEST_F(CatalogDocuments, AllWhoReadAVersionShareItsBody) {
    source_.set_json(kList, "[]");
    const auto first = document(kList);
    ASSERT_TRUE(first);
    const auto second = document(kList);
    const auto third = catalog_->document_by_number((*first)->number, 1);
    ASSERT_TRUE(third);
    EXPECT_EQ(second->get(), third->get());
}

TEST_F(CatalogDocuments, NewDocumentsAreLimitedPerMinuteAndKnownOnesAreNot) {
    config_.new_documents_per_minute = 2;
    reopen();
    for (int i = 0; i < 3; ++i) {
        const std::string target = "/api/models?search=" + std::to_string(i);
        source_.set_json(target, "[]");
        const auto list = document(target);
        if (i < 2) {
            EXPECT_TRUE(list);
        } else {
            EXPECT_EQ(list.error().code, Code::rate_limited);
        }
    }
    EXPECT_TRUE(document("/api/models?search=0"));
    clock_.advance(minutes(1));
    EXPECT_TRUE(document("/api/models?search=2"));
}

TEST_F(CatalogDocuments, AnEvictedDocumentIsAskedForWithoutItsCondition) {
    config_.documents_bytes = 3000;
    reopen();
    const std::string body = "[\"" + std::string(1500, 'x') + "\"]";
    source_.set_json(kList, body);
    ASSERT_TRUE(document(kList));
    clock_.advance(minutes(6));
    source_.hold();
    Answer<std::shared_ptr<const Document>> renewed;
    catalog_->document(kList, renewed.done());
    ASSERT_TRUE(source_.wait_held(1));
    // While the question with the condition is under way another document takes the room.
    source_.set_json("/api/models?search=other", body);
    Answer<std::shared_ptr<const Document>> other;
    catalog_->document("/api/models?search=other", other.done());
    ASSERT_TRUE(source_.wait_held(2));
    std::vector<upstream::ApiRequest> asked = source_.api_requests();
    EXPECT_FALSE(asked[1].if_none_match.empty());
    source_.release();
    const auto list = renewed.get();
    ASSERT_TRUE(list) << list.error().message;
    EXPECT_EQ((*list)->body, body);
    ASSERT_TRUE(other.get());
}

}  // namespace
}  // namespace hubfs::meta::test
