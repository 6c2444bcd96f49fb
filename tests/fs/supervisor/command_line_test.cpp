// SPDX-License-Identifier: Apache-2.0
#include "fs/supervisor/command_line.h"

#include <gtest/gtest.h>

namespace hubfs::supervisor {
namespace {

Result<CommandLine> parse(std::vector<std::string_view> words) {
    return parse_command_line(words);
}

TEST(CommandLine, ReadsOptionsInBothFormsAndOneMountPoint) {
    const auto line = parse({"--config", "/etc/a.toml", "--set=node.run_dir=/run/a", "/mnt/hf",
                             "--set", "mount.allow_other=false"});
    ASSERT_TRUE(line);
    EXPECT_EQ(line->config.file, "/etc/a.toml");
    EXPECT_EQ(line->config.sets,
              (std::vector<std::string>{"node.run_dir=/run/a", "mount.allow_other=false"}));
    EXPECT_EQ(line->mount_point, "/mnt/hf");
    EXPECT_FALSE(line->help);
}

TEST(CommandLine, NothingIsAllowed) {
    const auto line = parse({});
    ASSERT_TRUE(line);
    EXPECT_FALSE(line->mount_point);
    EXPECT_FALSE(line->config.file);
}

TEST(CommandLine, AfterTwoDashesAWordIsAMountPoint) {
    const auto line = parse({"--", "--odd"});
    ASSERT_TRUE(line);
    EXPECT_EQ(line->mount_point, "--odd");
}

TEST(CommandLine, NamesWhatItDoesNotUnderstand) {
    for (const auto& words : std::vector<std::vector<std::string_view>>{
             {"--config"}, {"--set"}, {"--unknown"}, {"-x"}, {"/a", "/b"}, {""}, {"--setx=1"}}) {
        const auto line = parse(words);
        ASSERT_FALSE(line) << words.front();
        EXPECT_EQ(line.error().code, Code::invalid);
    }
}

TEST(CommandLine, QuotesAPathForToml) {
    EXPECT_EQ(toml_string("/mnt/hf"), "\"/mnt/hf\"");
    EXPECT_EQ(toml_string("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000a\"");
}

}  // namespace
}  // namespace hubfs::supervisor
