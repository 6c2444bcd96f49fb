// SPDX-License-Identifier: Apache-2.0
// What each rule sees is proven through check_client (client_test.cpp); here, their edges.
#include "fs/doctor/client_rules.h"

#include <gtest/gtest.h>

#include "tests/fs/doctor/fake_mirror.h"

namespace hubfs::doctor {
namespace {

using testing::set;

Trail trail(int status) {
    Trail out;
    out.answer.head.status = status;
    return out;
}

TEST(ClientRules, StatusSaysWhyItMayBe) {
    const struct {
        int status;
        const char* word;
    } cases[] = {{504, "gets no answer from the Hub"},
                 {500, "itself fails"},
                 {429, "limit"},
                 {403, "refuses"},
                 {404, "no Hub answers"},
                 {204, "otherwise"}};
    for (const auto& one : cases) {
        const auto fault = status_rule("GET /x", trail(one.status), 200);
        ASSERT_TRUE(fault.has_value());
        EXPECT_NE(fault->sentence.find(one.word), std::string::npos) << fault->sentence;
        EXPECT_TRUE(fault->sentence.starts_with("GET /x: status ")) << fault->sentence;
    }
    EXPECT_FALSE(status_rule("GET /x", trail(200), 200).has_value());
}

TEST(ClientRules, AForeignHostIsAFaultWhateverTheStatus) {
    Trail away = trail(302);
    away.foreign = upstream::parse_url("https://cdn.example/x?Signature=secret");
    const auto fault = status_rule("GET /x", away, 302);
    ASSERT_TRUE(fault.has_value());
    EXPECT_NE(fault->seen.find("https://cdn.example"), std::string::npos);
    EXPECT_EQ(fault->sentence.find("secret"), std::string::npos) << "a signed address is a right";
}

TEST(ClientRules, IdentityTakesTheLinkedEtagFirst) {
    Trail file = trail(200);
    set(file.answer, "x-repo-commit", std::string(40, 'a'));
    set(file.answer, "etag", "\"of-the-cdn\"");
    const FileFact fact{"w.bin", 3, std::string(64, 'b'), true};
    EXPECT_TRUE(identity_rule("GET /w.bin", file, fact).has_value());
    set(file.answer, "x-linked-etag", "\"" + std::string(64, 'b') + "\"");
    EXPECT_FALSE(identity_rule("GET /w.bin", file, fact).has_value());
    set(file.answer, "x-repo-commit", "main");
    EXPECT_TRUE(identity_rule("GET /w.bin", file, fact).has_value());
}

TEST(ClientRules, AnUnknownSizeIsNotCompared) {
    Trail file = trail(200);
    file.answer.body = "abc";
    set(file.answer, "content-length", "3");
    EXPECT_FALSE(length_rule("HEAD /x", file, {"x"}).has_value());
    EXPECT_FALSE(content_rule("GET /x", file, {"x"}).has_value());
    EXPECT_TRUE(length_rule("HEAD /x", file, {"x", 4}).has_value());
    EXPECT_TRUE(content_rule("GET /x", file, {"x", 4}).has_value());
}

TEST(ClientRules, ARangeIsExactlyWhatWasAskedFor) {
    Trail part = trail(206);
    part.answer.body = "cd";
    set(part.answer, "content-range", "bytes 2-3/10");
    EXPECT_FALSE(range_rule("GET /x", part, 2, 3, 10).has_value());
    EXPECT_TRUE(range_rule("GET /x", part, 2, 3, 11).has_value());
    part.answer.body = "cde";
    EXPECT_TRUE(range_rule("GET /x", part, 2, 3, 10).has_value());
}

TEST(ClientRules, AHarnessListAloneIsAFault) {
    Trail answer = trail(200);
    answer.answer.body = " {\"harnesses\":{}}";
    EXPECT_FALSE(harness_rule("GET /h", answer).has_value());
    answer.answer.body = "[]";
    EXPECT_TRUE(harness_rule("GET /h", answer).has_value());
    EXPECT_FALSE(harness_rule("GET /h", trail(404)).has_value());
}

}  // namespace
}  // namespace hubfs::doctor
