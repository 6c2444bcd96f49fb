// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/day_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/test_clock.h"

namespace hubfs::cli {
namespace {

using namespace std::chrono_literals;

Instant at(const char* text) {
    return *instant_from(text);
}

TEST(DayLog, NamesItsFileByTheDay) {
    EXPECT_EQ(day_file_name("rsync", at("2026-11-21T23:59:59.999Z")), "rsync-2026-11-21.log");
    EXPECT_EQ(day_file_name("rsync", at("2026-11-22T00:00:00.000Z")), "rsync-2026-11-22.log");
}

TEST(DayLog, KnowsWhichFilesAreTooOld) {
    const std::vector<std::string> files = {
        "rsync-2026-11-01.log", "rsync-2026-11-06.log", "rsync-2026-11-07.log",
        "rsync-2026-11-21.log", "rsync-2027-01-01.log", "access-2026-11-01.log",
        "rsync-2026-11-01.txt", "rsync-2026-13-01.log", "rsync.log"};
    const auto expired =
        expired_day_files(files, "rsync", at("2026-11-21T12:00:00.000Z"), 14 * 24h);
    EXPECT_EQ(expired, (std::vector<std::string>{"rsync-2026-11-01.log", "rsync-2026-11-06.log"}));
}

class DayLogTest : public testing::Test {
protected:
    DayLogTest() {
        std::string name = testing::TempDir() + "hfm-daylog-XXXXXX";
        dir_ = ::mkdtemp(name.data());
    }
    ~DayLogTest() override { std::filesystem::remove_all(dir_); }

    std::string content(const std::string& file) const {
        std::ifstream in(dir_ + "/log/" + file);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    std::string dir_;
};

TEST_F(DayLogTest, WritesOneFileADayAndDeletesOldOnes) {
    test::TestClock clock;  // starts at 2026-01-01
    DayLog log(dir_ + "/log", "rsync", 2 * 24h, clock);
    log.write("one");
    log.write("two");
    clock.advance(24h);
    log.write("three");
    EXPECT_EQ(content("rsync-2026-01-01.log"), "one\ntwo\n");
    EXPECT_EQ(content("rsync-2026-01-02.log"), "three\n");
    clock.advance(3 * 24h + 1s);
    log.write("four");
    EXPECT_FALSE(std::filesystem::exists(dir_ + "/log/rsync-2026-01-01.log"));
    EXPECT_FALSE(std::filesystem::exists(dir_ + "/log/rsync-2026-01-02.log"));
    EXPECT_EQ(content("rsync-2026-01-05.log"), "four\n");
}

TEST_F(DayLogTest, ANodeThatWasOffDeletesBeforeItWrites) {
    std::filesystem::create_directories(dir_ + "/log");
    std::ofstream(dir_ + "/log/rsync-2025-12-01.log") << "old\n";
    test::TestClock clock;  // starts at 2026-01-01
    DayLog log(dir_ + "/log", "rsync", 14 * 24h, clock);
    log.expire();
    EXPECT_FALSE(std::filesystem::exists(dir_ + "/log/rsync-2025-12-01.log"));
}

TEST_F(DayLogTest, SurvivesAFolderItCannotWrite) {
    std::ofstream(dir_ + "/log") << "a file in the way\n";
    test::TestClock clock;  // starts at 2026-01-01
    DayLog log(dir_ + "/log", "rsync", 24h, clock);
    log.write("lost");
    std::filesystem::remove(dir_ + "/log");
    log.write("kept");
    const auto files = std::filesystem::directory_iterator(dir_ + "/log");
    EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

}  // namespace
}  // namespace hubfs::cli
