// SPDX-License-Identifier: Apache-2.0
#include "fs/doctor/node_rules.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace hubfs::doctor {
namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

TEST(NodeRules, OpenFiles) {
    EXPECT_EQ(judge_open_files(1024).verdict, Verdict::fail);
    EXPECT_EQ(judge_open_files(20000).verdict, Verdict::note);
    EXPECT_EQ(judge_open_files(65536).verdict, Verdict::pass);
    EXPECT_NE(judge_open_files(1024).advice.find("LimitNOFILE"), std::string::npos);
}

TEST(NodeRules, HttpDates) {
    EXPECT_EQ(http_date_from("Sun, 06 Nov 1994 08:49:37 GMT"),
              Instant(std::chrono::seconds(784111777)));
    for (const char* const wrong :
         {"", "1994-11-06", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 08:49:37 GMT x"}) {
        EXPECT_FALSE(http_date_from(wrong).has_value()) << wrong;
    }
}

TEST(NodeRules, TheClockMayDifferByHalfAMinute) {
    constexpr const char* kDate = "Sun, 06 Nov 1994 08:49:37 GMT";
    const Instant then(std::chrono::seconds(784111777));
    EXPECT_EQ(judge_clock(kDate, then + std::chrono::seconds(30)).verdict, Verdict::pass);
    const Finding ahead = judge_clock(kDate, then + std::chrono::seconds(90));
    EXPECT_EQ(ahead.verdict, Verdict::fail);
    EXPECT_EQ(ahead.line, "90 s ahead of upstream's");
    EXPECT_EQ(judge_clock(kDate, then - std::chrono::hours(1)).line, "3600 s behind upstream's");
    EXPECT_EQ(judge_clock("", then).verdict, Verdict::note);
}

TEST(NodeRules, CacheDirectories) {
    const Volume good{.dir = "/c", .filesystem = "ext4", .free_bytes = kGiB};
    EXPECT_EQ(judge_cache_dir(good).verdict, Verdict::pass);
    EXPECT_EQ(judge_cache_dir(good).line, "/c: ext4, 1.0 GiB free");
    Volume volume = good;
    volume.sparse = false;
    EXPECT_EQ(judge_cache_dir(volume).verdict, Verdict::fail);
    volume = good;
    volume.writable = false;
    EXPECT_EQ(judge_cache_dir(volume).verdict, Verdict::fail);
    volume = good;
    volume.filesystem = "tmpfs";
    EXPECT_EQ(judge_cache_dir(volume).verdict, Verdict::note);
    volume = good;
    volume.exists = false;
    EXPECT_NE(judge_cache_dir(volume).line.find("not made yet"), std::string::npos);
}

TEST(NodeRules, WhatIsHeldCountsForTheQuota) {
    EXPECT_EQ(judge_cache_space(40 * kGiB, 60 * kGiB, 100 * kGiB).verdict, Verdict::pass);
    const Finding small = judge_cache_space(40 * kGiB, 0, 100 * kGiB);
    EXPECT_EQ(small.verdict, Verdict::fail);
    EXPECT_NE(small.advice.find("less than 40.0 GiB"), std::string::npos) << small.advice;
}

TEST(NodeRules, StateDirectory) {
    Volume volume{.dir = "/s", .filesystem = "ext4", .free_bytes = 2 * kGiB};
    EXPECT_EQ(judge_state_dir(volume).verdict, Verdict::pass);
    volume.free_bytes = 1000;
    EXPECT_EQ(judge_state_dir(volume).verdict, Verdict::fail);
    volume.writable = false;
    EXPECT_NE(judge_state_dir(volume).advice.find("make /s"), std::string::npos);
}

TEST(NodeRules, PassthroughNamesTheFirstThingMissing) {
    const struct {
        PassthroughFacts facts;
        const char* word;
    } cases[] = {
        {{.wanted = false}, "switched off"},
        {{.kernel = false, .privileged = false}, "kernel"},
        {{.privileged = false}, "CAP_SYS_ADMIN"},
        {{.stacked = "/c (overlay)"}, "/c (overlay)"},
    };
    for (const auto& one : cases) {
        const Finding finding = judge_passthrough(one.facts);
        EXPECT_EQ(finding.verdict, Verdict::note);
        EXPECT_NE(finding.line.find(one.word), std::string::npos) << finding.line;
    }
    EXPECT_EQ(judge_passthrough({}).verdict, Verdict::pass);
}

TEST(NodeRules, Filesystems) {
    EXPECT_EQ(filesystem_name(0xEF53), "ext4");
    EXPECT_EQ(filesystem_name(0x794C7630), "overlay");
    EXPECT_EQ(filesystem_name(0x1234), "filesystem 0x1234");
    EXPECT_TRUE(stacked_filesystem("overlay"));
    EXPECT_FALSE(stacked_filesystem("ext4"));
}

TEST(NodeRules, Ports) {
    const auto judged = [](int error, bool ours = false) {
        return judge_port({"http.listen", "127.0.0.1:80", error, ours});
    };
    EXPECT_EQ(judged(0).verdict, Verdict::pass);
    EXPECT_EQ(judged(EADDRINUSE, true).verdict, Verdict::pass);
    EXPECT_EQ(judged(EADDRINUSE).verdict, Verdict::fail);
    EXPECT_NE(judged(EADDRINUSE).advice.find("ss -ltnp"), std::string::npos);
    EXPECT_NE(judged(EACCES).advice.find("1024"), std::string::npos);
    EXPECT_NE(judged(EADDRNOTAVAIL).line.find("no address of this machine"), std::string::npos);
    EXPECT_EQ(judged(EIO).verdict, Verdict::fail);
    EXPECT_NE(judge_port({"http.listen", "[::1]:0"}).line.find("any free port"), std::string::npos);
}

TEST(NodeRules, UpstreamsAnswers) {
    EXPECT_EQ(judge_upstream("hub", 200).verdict, Verdict::pass);
    for (const int status : {301, 404, 429, 500, 503}) {
        EXPECT_EQ(judge_upstream("hub", status).verdict, Verdict::fail) << status;
    }
    const auto judged = [](Code code) { return judge_upstream("hub", fail(code, "no")).advice; };
    EXPECT_NE(judged(Code::protocol).find("ca_file"), std::string::npos);
    EXPECT_NE(judged(Code::unreachable).find("firewall"), std::string::npos);
}

}  // namespace
}  // namespace hubfs::doctor
