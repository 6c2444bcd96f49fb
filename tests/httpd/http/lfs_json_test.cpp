// SPDX-License-Identifier: Apache-2.0
#include "httpd/http/lfs_json.h"

#include <gtest/gtest.h>

namespace httpd::http {
namespace {

const std::string kOid(64, 'a');

std::string object(const std::string& oid, const std::string& size) {
    return R"({"oid":")" + oid + R"(","size":)" + size + "}";
}

TEST(LfsJson, a_question_is_read_as_git_lfs_writes_it) {
    const auto batch = parse_lfs_batch(
        R"({"operation":"download","transfers":["basic"],"ref":{"name":"refs/heads/main"},)"
        R"("objects":[)" +
        object(kOid, "12") + R"(],"hash_algo":"sha256"})");
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->download);
    EXPECT_EQ(batch->ref, "refs/heads/main");
    ASSERT_EQ(batch->objects.size(), 1U);
    EXPECT_EQ(batch->objects[0].oid, kOid);
    EXPECT_EQ(batch->objects[0].size, 12U);
    EXPECT_FALSE(parse_lfs_batch(R"({"operation":"upload","objects":[]})")->download);
}

TEST(LfsJson, what_is_no_batch_is_refused) {
    for (const std::string& body :
         {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"objects":{}})"),
          R"({"objects":[)" + object("../x", "1") + "]}",
          R"({"objects":[)" + object(std::string(64, 'A'), "1") + "]}",
          R"({"objects":[)" + object(kOid, "-1") + "]}",
          R"({"objects":[)" + object(kOid, "1.5") + "]}",
          R"({"objects":[{"oid":")" + kOid + R"("}]})", std::string(R"({"objects":[1]})"),
          std::string(R"({"objects":[)") + std::string(100'000, '[')}) {
        EXPECT_FALSE(parse_lfs_batch(body)) << body.substr(0, 100);
    }
    std::string many = object(kOid, "1");
    for (std::size_t i = 0; i < kLfsObjectsMax; ++i) {
        many += "," + object(kOid, "1");
    }
    EXPECT_FALSE(parse_lfs_batch(R"({"objects":[)" + many + "]}"));
}

TEST(LfsJson, upstreams_answer_gives_places_and_errors) {
    const auto places = parse_lfs_answer(
        R"({"objects":[{"oid":")" + kOid +
        R"(","size":1,"actions":{"download":{"href":"https://c/x?s","header":{"A":"b"}}}},)"
        R"({"oid":")" +
        kOid + R"(","size":2,"error":{"code":404,"message":"no"}},)" + object(kOid, "3") + "]}");
    ASSERT_TRUE(places);
    ASSERT_EQ(places->size(), 3U);
    EXPECT_EQ((*places)[0].href, "https://c/x?s");
    EXPECT_TRUE((*places)[0].authorization.empty());
    EXPECT_EQ((*places)[1].error_code, 404);
    EXPECT_EQ((*places)[1].error_message, "no");
    EXPECT_TRUE((*places)[2].href.empty());
    EXPECT_FALSE(parse_lfs_answer(R"({"message":"no"})"));
}

TEST(LfsJson, our_answers_can_be_read_again) {
    const std::string answer =
        lfs_answer({LfsPlace{.object = {kOid, 5}, .href = "http://m/\"x"},
                    LfsPlace{.object = {kOid, 6}, .href = "h", .authorization = "Bearer t"},
                    LfsPlace{.object = {kOid, 7}, .error_code = 404, .error_message = "no"}});
    const auto places = parse_lfs_answer(answer);
    ASSERT_TRUE(places);
    EXPECT_EQ((*places)[0].href, "http://m/\"x");
    EXPECT_EQ((*places)[2].error_code, 404);
    EXPECT_NE(answer.find(R"("header":{"Authorization":"Bearer t"})"), std::string::npos);
    const auto question = parse_lfs_batch(lfs_question({{kOid, 5}}));
    ASSERT_TRUE(question);
    EXPECT_TRUE(question->download);
    EXPECT_EQ(question->objects.front().size, 5U);
}

}  // namespace
}  // namespace httpd::http
