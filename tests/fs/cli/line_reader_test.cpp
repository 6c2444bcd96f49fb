// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/line_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "fs/base/fd.h"

namespace hubfs::cli {
namespace {

class LineReaderTest : public testing::Test {
protected:
    LineReaderTest() {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
        out_.reset(ends[0]);
        in_.reset(ends[1]);
    }
    void put(const std::string& text) {
        ASSERT_EQ(::write(in_.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    bool read() {
        return reader_.read(out_.get(), [this](std::string_view line) { got_.emplace_back(line); });
    }

    Fd out_;
    Fd in_;
    LineReader reader_;
    std::vector<std::string> got_;
};

TEST_F(LineReaderTest, PutsPiecesOfLinesTogether) {
    put("one\ntw");
    EXPECT_TRUE(read());
    EXPECT_EQ(got_, std::vector<std::string>{"one"});
    put("o\n\nthree");
    EXPECT_TRUE(read());
    EXPECT_EQ(got_, (std::vector<std::string>{"one", "two", ""}));
    in_.reset();
    EXPECT_FALSE(read());
    EXPECT_EQ(got_, (std::vector<std::string>{"one", "two", "", "three"}));
}

TEST_F(LineReaderTest, CutsALineThatIsTooLong) {
    put(std::string(kLineBytesMax - 1, 'a'));
    EXPECT_TRUE(read());
    EXPECT_TRUE(got_.empty());
    put("bcd");
    EXPECT_TRUE(read());
    put("efg\nnext\n");
    EXPECT_TRUE(read());
    ASSERT_EQ(got_.size(), 2U);
    EXPECT_EQ(got_[0], std::string(kLineBytesMax - 1, 'a') + "b");
    EXPECT_EQ(got_[1], "next");
}

}  // namespace
}  // namespace hubfs::cli
