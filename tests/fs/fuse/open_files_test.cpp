// SPDX-License-Identifier: Apache-2.0
#include "fs/fuse/open_files.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

namespace hubfs::fuse {
namespace {

constexpr tree::Ino kOne{10};
constexpr tree::Ino kTwo{11};

class FakeBacking final : public Backing {
public:
    Result<std::int32_t> add(tree::Ino node, const Fd& file) override {
        EXPECT_TRUE(file.valid());
        ++asked;
        if (refuse) {
            return fail(*refuse, "refused");
        }
        return registered.try_emplace(node.value, ++last).first->second;
    }
    void remove(tree::Ino node) override { EXPECT_EQ(registered.erase(node.value), 1U); }

    std::map<std::uint64_t, std::int32_t> registered;
    std::int32_t last = 0;
    int asked = 0;
    std::optional<Code> refuse;
};

class OpenFilesTest : public ::testing::Test {
protected:
    OpenFiles daemon() { return {*HandleRows::map(file_), &backing_, counters_}; }
    static Fd whole() { return Fd(open("/dev/null", O_RDONLY | O_CLOEXEC)); }
    static Fd partial() { return {}; }

    Fd file_ = *HandleRows::create(8);
    FakeBacking backing_;
    Counters counters_;
};

TEST_F(OpenFilesTest, EveryOpenOfAnInodeSharesOneNumberUntilTheLastClose) {
    OpenFiles files = daemon();
    EXPECT_EQ(*files.open(2, kOne, whole), 1);
    EXPECT_EQ(*files.open(4, kOne, whole), 1);
    EXPECT_EQ(*files.open(6, kTwo, whole), 2);
    EXPECT_EQ(backing_.asked, 2);
    files.close(2);
    EXPECT_EQ(backing_.registered.size(), 2U);
    files.close(4);
    EXPECT_EQ(backing_.registered.size(), 1U);
    EXPECT_EQ(*files.open(8, kOne, whole), 3);
    EXPECT_EQ(files.size(), 2U);
    EXPECT_EQ(files.passed_through(), 2U);
}

TEST_F(OpenFilesTest, AFileOpenedBeforeItWasCompleteIsReadThroughUsUntilItIsClosed) {
    OpenFiles files = daemon();
    EXPECT_EQ(*files.open(2, kOne, partial), 0);
    EXPECT_EQ(*files.open(4, kOne, whole), 0);  // mixing would fail the open in the kernel
    files.close(2);
    files.close(4);
    EXPECT_EQ(*files.open(6, kOne, whole), 1);
    EXPECT_EQ(*files.open(8, kOne, partial), 1);
}

TEST_F(OpenFilesTest, ARefusalReadsThroughUsAndAFinalOneIsNotAskedAgain) {
    OpenFiles files = daemon();
    backing_.refuse = Code::io;
    EXPECT_EQ(*files.open(2, kOne, whole), 0);
    EXPECT_EQ(*files.open(4, kTwo, whole), 0);
    EXPECT_EQ(backing_.asked, 2);
    files.close(2);
    files.close(4);
    backing_.refuse = Code::unsupported;
    EXPECT_EQ(*files.open(6, kOne, whole), 0);
    EXPECT_EQ(*files.open(8, kTwo, whole), 0);
    EXPECT_EQ(backing_.asked, 3);
    EXPECT_EQ(counters_.passthrough_refused.load(), 3U);
}

// P43
TEST_F(OpenFilesTest, TheNextDaemonKnowsWhatTheKernelHolds) {
    {
        OpenFiles killed = daemon();
        EXPECT_EQ(*killed.open(2, kOne, whole), 1);
        EXPECT_EQ(*killed.open(4, kTwo, partial), 0);
        EXPECT_EQ(*killed.open(6, kTwo, partial), 0);
        killed.close(4);
    }
    OpenFiles files = daemon();
    EXPECT_EQ(files.size(), 2U);
    EXPECT_EQ(*files.open(8, kOne, partial), 1);
    EXPECT_EQ(*files.open(10, kTwo, whole), 0);
    for (const std::uint64_t fh : {2U, 6U, 8U, 10U}) {
        files.close(fh);
    }
    EXPECT_EQ(files.size(), 0U);
    EXPECT_TRUE(backing_.registered.empty());
}

TEST_F(OpenFilesTest, ARequestThatIsDeliveredAgainIsTheSameOpenAndTheSameClose) {
    OpenFiles files = daemon();
    EXPECT_EQ(*files.open(2, kOne, whole), 1);
    EXPECT_EQ(*files.open(2, kOne, partial), 1);
    EXPECT_EQ(files.size(), 1U);
    files.close(2);
    files.close(2);
    EXPECT_EQ(files.size(), 0U);
    EXPECT_TRUE(backing_.registered.empty());
}

TEST_F(OpenFilesTest, AFullTableRefusesAndAFreedRowIsUsedAgain) {
    OpenFiles files = daemon();
    for (std::uint64_t fh = 1; fh <= 8; ++fh) {
        ASSERT_TRUE(files.open(fh, kOne, partial));
    }
    EXPECT_EQ(files.open(9, kOne, partial).error().code, Code::rate_limited);
    files.close(3);
    EXPECT_TRUE(files.open(9, kOne, partial));
}

TEST_F(OpenFilesTest, WithoutAnybodyToAskEverythingIsReadThroughUs) {
    OpenFiles files(*HandleRows::map(file_), nullptr, counters_);
    EXPECT_EQ(*files.open(2, kOne, whole), 0);
    files.close(2);
    EXPECT_EQ(files.size(), 0U);
}

}  // namespace
}  // namespace hubfs::fuse
