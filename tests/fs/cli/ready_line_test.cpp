// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/ready_line.h"

#include <gtest/gtest.h>

namespace hubfs::cli {
namespace {

TEST(ReadyLine, IsCutIntoNamesAndValues) {
    const ReadyWords words = {{"mount", "/mnt/hf"}, {"http", "http://127.0.0.1:8080"}};
    EXPECT_EQ(parse_ready("ready mount=/mnt/hf http=http://127.0.0.1:8080"), words);
    EXPECT_EQ(ready_text(words), "ready mount=/mnt/hf http=http://127.0.0.1:8080\n");
}

TEST(ReadyLine, AllowsSpacesAndEqualsSignsInAPath) {
    const ReadyWords words = {{"mount", "/a b/c=d"}, {"http", "x"}};
    EXPECT_EQ(parse_ready("ready mount=/a b/c=d http=x"), words);
}

TEST(ReadyLine, IsNothingElse) {
    for (const char* line : {"", "ready", "Ready mount=/a", "ready mount", "ready =x",
                             "ready to go", "not ready mount=/a"}) {
        EXPECT_FALSE(parse_ready(line).has_value()) << line;
    }
}

}  // namespace
}  // namespace hubfs::cli
