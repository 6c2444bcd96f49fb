// SPDX-License-Identifier: Apache-2.0
#include "httpd/app/access_log.h"

#include <fstream>
#include <sstream>

#include "tests/httpd/temp_mount.h"
#include "tests/support/test_clock.h"

namespace httpd::app {
namespace {

http::LogEntry entry(hubfs::Instant at) {
    return {.at = at,
            .method = "GET",
            .client = "192.0.2.0",
            .user_agent = "a \"b\"\n",
            .path = "/x\xC3\xA4",
            .status = 206,
            .bytes = 12,
            .cache = http::CacheResult::revalidated,
            .milliseconds = 3};
}

std::string read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

TEST(AccessLog, a_line_has_these_fields) {
    EXPECT_EQ(log_line(entry(hubfs::Instant{})),
              "1970-01-01T00:00:00.000000Z 192.0.2.0 GET /x\\xc3\\xa4 206 12 REVALIDATED 3 "
              "\"a \\x22b\\x22\\x0a\"\n");
}

TEST(AccessLog, every_day_has_its_file_and_old_ones_go) {
    test::TempMount folder;
    hubfs::test::TestClock clock;
    folder.write("log/access-2025-12-17.log", "old");
    folder.write("log/access-2025-12-18.log", "kept");
    auto log = AccessLog::open(folder.root() + "/log", std::chrono::hours(24 * 14), clock);
    ASSERT_TRUE(log) << log.error().message;
    (*log)->record(entry(clock.now()));
    (*log)->record(entry(clock.now() + std::chrono::hours(24)));
    (*log)->flush();
    const std::string base = folder.root() + "/log/access-";
    EXPECT_NE(read(base + "2026-01-01.log").find("2026-01-01T"), std::string::npos);
    EXPECT_NE(read(base + "2026-01-02.log").find("2026-01-02T"), std::string::npos);
    EXPECT_EQ(read(base + "2025-12-17.log"), "");
    EXPECT_EQ(read(base + "2025-12-18.log"), "");  // older than 14 days on the second day
}

TEST(AccessLog, an_appended_line_looks_like_a_recorded_one) {
    test::TempMount folder;
    hubfs::test::TestClock clock;
    auto log = AccessLog::open(folder.root(), std::chrono::hours(24), clock);
    ASSERT_TRUE(log) << log.error().message;
    std::string expected;
    for (const auto after : {0LL, 1LL, 59'999'999LL, 3'723'000'004LL, 86'399'999'999LL}) {
        const auto line = entry(clock.now() + std::chrono::microseconds(after));
        (*log)->append(line.at, line.client, (*log)->tail(line));
        expected += log_line(line);
    }
    (*log)->flush();
    EXPECT_EQ(read(folder.root() + "/access-2026-01-01.log"), expected);
}

TEST(AccessLog, only_its_own_files_expire) {
    const hubfs::Instant oldest = *hubfs::instant_from("2026-01-10T00:00:00.000000Z");
    EXPECT_TRUE(log_file_expired("access-2026-01-09.log", oldest));
    EXPECT_FALSE(log_file_expired("access-2026-01-10.log", oldest));
    for (const auto* other : {"access-2026-01-09.log.gz", "access-2026_01-09.log", "x",
                              "rsync-2026-01-09.log", "access-0000000000.log"}) {
        EXPECT_FALSE(log_file_expired(other, oldest)) << other;
    }
}

TEST(AccessLog, a_folder_that_cannot_be_written_is_named) {
    test::TempMount folder;
    folder.write("file", "");
    hubfs::test::TestClock clock;
    const auto log = AccessLog::open(folder.root() + "/file/log", std::chrono::hours(1), clock);
    ASSERT_FALSE(log);
    EXPECT_NE(log.error().message.find("log.dir"), std::string::npos);
}

}  // namespace
}  // namespace httpd::app
