// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "fs/base/hash.h"
#include "fs/hub/json.h"
#include "tests/fs/hub/recorded.h"

namespace hubfs::hub {
namespace {

const std::string kOid(40, 'a');

std::string file_at(const std::string& path) {
    return R"([{"type":"file","oid":")" + kOid + R"(","size":1,"path":")" + path + R"("}])";
}

Code code_of(const std::string& body) {
    const auto page = parse_tree_page(body);
    return page ? Code::io : page.error().code;
}

TEST(TreePage, the_recorded_listings_are_read_as_they_are) {
    ASSERT_EQ(weak_api_etag(recorded::kTinyTree), recorded::kTinyTreeEtag);
    const auto tiny = parse_tree_page(recorded::kTinyTree);
    ASSERT_TRUE(tiny) << tiny.error().message;
    ASSERT_EQ(tiny->size(), 3U);
    EXPECT_TRUE((*tiny)[0].directory);
    EXPECT_EQ((*tiny)[0].path, "checkpoint-0");
    EXPECT_FALSE((*tiny)[1].directory);
    EXPECT_EQ((*tiny)[1].path, ".gitattributes");
    EXPECT_EQ((*tiny)[1].size, 1519U);
    EXPECT_EQ((*tiny)[1].oid, "a6344aac8c09253b3b630fb776ae94478aa0275b");
    EXPECT_FALSE((*tiny)[1].lfs());

    const auto bert = parse_tree_page(recorded::kBertExpanded);
    ASSERT_TRUE(bert) << bert.error().message;
    ASSERT_EQ(bert->size(), 5U);
    const TreeEntry& weights = (*bert)[2];
    EXPECT_EQ(weights.path, "pytorch_model.bin");
    EXPECT_EQ(weights.size, 440473133U);
    EXPECT_EQ(weights.pointer_size, 134U);
    EXPECT_EQ(weights.lfs_oid, "097417381d6c7230bd9e3557456d726de6e83245ec8b24f529f60198a67b203a");
    EXPECT_EQ(weights.xet_hash, "2d8408d3a894d02517d04956e2f7546ff08362594072f3527ce144b5212a3296");
}

TEST(TreePage, a_masked_listing_says_that_the_repository_is_gated) {
    ASSERT_EQ(weak_api_etag(recorded::kMaskedTree), recorded::kMaskedTreeEtag);
    ASSERT_EQ(weak_api_etag(recorded::kOwnerTree), recorded::kOwnerTreeEtag);
    EXPECT_TRUE(parse_tree_page(recorded::kOwnerTree));
    EXPECT_EQ(code_of(std::string(recorded::kMaskedTree)), Code::gated);
    EXPECT_EQ(
        code_of(R"([{"type":"file","oid":")" + kOid + R"(","size":1,"xetHash":"***","path":"x"}])"),
        Code::gated);
}

TEST(TreePage, names_that_could_lead_astray_are_protocol_errors) {
    for (const std::string& path :
         {std::string(), std::string("/"), std::string("/a"), std::string("a/"),
          std::string("a//b"), std::string("."), std::string(".."), std::string("../a"),
          std::string("a/.."), std::string("a/./b"), std::string("a/../../b"),
          std::string("a\\u0000b"), std::string(256, 'x'), "d/" + std::string(256, 'x')}) {
        EXPECT_EQ(code_of(file_at(path)), Code::protocol) << path;
    }
    std::string deep = "a";
    while (deep.size() <= 4095) {
        deep += "/a";
    }
    EXPECT_EQ(code_of(file_at(deep)), Code::protocol);
}

TEST(TreePage, odd_but_legal_names_pass) {
    for (const std::string& path :
         {std::string("..."), std::string(".a"), std::string("a b"), std::string("a\\nb"),
          std::string("ünïcode/文件"), std::string("%2e%2e"), std::string(255, 'x')}) {
        EXPECT_EQ(code_of(file_at(path)), Code::io) << path;
    }
}

TEST(TreePage, an_entry_that_breaks_the_rules_is_a_protocol_error) {
    const std::string sha(64, 'b');
    const auto entry = [](const std::string& members) { return "[{" + members + "}]"; };
    const std::string good = R"("type":"file","oid":")" + kOid + R"(","size":9,"path":"x")";
    ASSERT_EQ(code_of(entry(good)), Code::io);
    const auto lfs = [&](const std::string& inner) { return entry(good + R"(,"lfs":)" + inner); };
    ASSERT_EQ(code_of(lfs(R"({"oid":")" + sha + R"(","size":9,"pointerSize":131})")), Code::io);
    const std::string bodies[] = {
        "{}",
        "[7]",
        "[{}]",
        entry(R"("type":"link","oid":")" + kOid + R"(","size":9,"path":"x")"),
        entry(R"("type":"file","oid":"abc","size":9,"path":"x")"),
        entry(R"("type":"file","oid":")" + std::string(40, 'A') + R"(","size":9,"path":"x")"),
        entry(R"("type":"file","oid":")" + kOid + R"(","size":-1,"path":"x")"),
        entry(R"("type":"file","oid":")" + kOid + R"(","size":1.5,"path":"x")"),
        entry(R"("type":"file","oid":")" + kOid + R"(","size":9007199254740992,"path":"x")"),
        entry(R"("type":"file","oid":")" + kOid + R"(","size":18446744073709551615,"path":"x")"),
        entry(R"("type":"file","oid":")" + kOid + R"(","size":"9","path":"x")"),
        entry(R"("type":"file","oid":")" + kOid + R"(","path":"x")"),
        entry(R"("type":"file","oid":")" + kOid + R"(","size":9,"path":7)"),
        entry(good + R"(,"path":"y")"),
        entry(good + R"(,"xetHash":"zz")"),
        lfs("[]"),
        lfs(R"({"oid":")" + sha + R"(","size":8,"pointerSize":131})"),
        lfs(R"({"oid":")" + kOid + R"(","size":9,"pointerSize":131})"),
        lfs(R"({"oid":")" + sha + R"(","size":9,"pointerSize":"131"})"),
        lfs(R"({"oid":")" + sha + R"("})"),
        lfs(R"({"oid":")" + sha + R"(","size":9,"size":9,"pointerSize":131})"),
        entry(R"("type":"directory","oid":")" + kOid + R"(","size":0,"path":"x","lfs":{"oid":")" +
              sha + R"(","size":0,"pointerSize":131})"),
    };
    for (const std::string& body : bodies) {
        EXPECT_EQ(code_of(body), Code::protocol) << body;
    }
}

TEST(TreePage, a_pointer_size_that_is_not_told_is_computed) {
    const std::string sha(64, 'b');
    // The sizes are of pointers that git-lfs wrote.
    for (const auto& [size, pointer] :
         {std::pair{"9", 126U}, {"548105171", 134U}, {"0", 126U}, {"12345", 130U}}) {
        for (const std::string& rest : {std::string(), std::string(R"(,"pointerSize":null)")}) {
            const std::string body = R"([{"type":"file","oid":")" + kOid + R"(","size":)" + size +
                                     R"(,"path":"x","lfs":{"oid":")" + sha + R"(","size":)" + size +
                                     rest + "}}]";
            const auto page = parse_tree_page(body);
            ASSERT_TRUE(page) << page.error().message;
            EXPECT_EQ(page->front().pointer_size, pointer) << body;
        }
    }
}

TEST(TreePage, a_path_listed_twice_is_a_protocol_error) {
    const std::string item = file_at("x").substr(1, file_at("x").size() - 2);
    EXPECT_EQ(code_of("[" + item + "," + item + "]"), Code::protocol);
}

TEST(TreePage, a_full_page_of_1000_entries_is_read_whole) {
    std::string body = "[";
    for (int i = 0; i < 1000; ++i) {
        const std::string one = file_at("data/train-" + std::to_string(i) + ".parquet");
        body += (i == 0 ? "" : ",") + one.substr(1, one.size() - 2);
    }
    const auto page = parse_tree_page(body + "]");
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_EQ(page->size(), 1000U);
    EXPECT_EQ(page->back().path, "data/train-999.parquet");
}

}  // namespace
}  // namespace hubfs::hub
