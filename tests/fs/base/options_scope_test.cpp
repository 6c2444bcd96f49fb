// SPDX-License-Identifier: Apache-2.0
// What is looked at beyond each value: the tables a program reads, directories that must lie apart
// from the mount, files that must be there.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "fs/base/options.h"

namespace hubfs {
namespace {

using Mistakes = std::vector<std::string>;

class OptionsScope : public testing::Test {
protected:
    OptionsScope() {
        std::string name = testing::TempDir() + "hfm-scope-XXXXXX";
        dir_ = ::mkdtemp(name.data());
        ::unsetenv("HF_MIRROR_CONFIG");
    }
    ~OptionsScope() override { std::filesystem::remove_all(dir_); }

    std::string file(const std::string& text) {
        const std::string path = dir_ + "/c.toml";
        std::ofstream(path) << text;
        return path;
    }
    static Mistakes mistakes(const ConfigSource& source) {
        const auto options = Options::load(source);
        return options ? Mistakes() : options.error();
    }

    std::string dir_;
};

TEST_F(OptionsScope, AProgramPassesOverMistakesInTheTablesOfOthers) {
    const std::string path = file(
        "[http]\nlisten = 5\nlsiten = []\n[rsync]\nlisten = \"nowhere\"\n"
        "[limits]\nburst = 1\n[node]\nname = \"n\"\n");
    const ConfigSource hubfs{.file = path,
                             .sets = {"http.writes=maybe", "http.listen=[\"a\""},
                             .tables = {"node", "mount"}};
    const auto options = Options::load(hubfs);
    ASSERT_TRUE(options.has_value()) << options.error().front();
    EXPECT_EQ(options->text("node.name"), "n");
    EXPECT_EQ(options->list("http.listen"), std::vector<std::string>{"127.0.0.1:8080"});
    EXPECT_EQ(mistakes({.file = path, .sets = hubfs.sets}).size(), 6U);
}

TEST_F(OptionsScope, ItsOwnTablesAndUnknownOnesAreItsBusiness) {
    const std::string path = file("[mount]\npassthrough = \"on\"\n[mounts]\nx = 1\n");
    const Mistakes found = mistakes(
        {.file = path, .sets = {"http.lsiten=x", "nope.x=1"}, .tables = {"node", "mount"}});
    ASSERT_EQ(found.size(), 4U);
    EXPECT_TRUE(found[0].starts_with(path + ":2: mount.passthrough: "));
    EXPECT_TRUE(found[1].starts_with(path + ":4: mounts.x: unknown table"));
    EXPECT_TRUE(found[2].starts_with("--set: http.lsiten: unknown key"));
    EXPECT_TRUE(found[3].starts_with("--set: nope.x: unknown table"));
}

TEST_F(OptionsScope, NoDirectoryOfOursLiesInTheMount) {
    struct Case {
        const char* text;
        const char* mistake;  // after the name of the file; empty: none
    };
    for (const Case& c : {
             Case{"[node]\nstate_dir = \"/mnt/hf/s\"\n", ":2: node.state_dir: "},
             Case{"[node]\nrun_dir = \"/mnt/hf\"\n", ":2: node.run_dir: "},
             Case{"[node]\nrun_dir = \"/mnt/./hf/../hf/\"\n", ":2: node.run_dir: "},
             Case{"[log]\ndir = \"/mnt/hf/log\"\n", ":2: log.dir: "},
             Case{"[cache]\ndirs = [\"/a\", \"/mnt/hf/c\"]\n", ":2: cache.dirs: "},
             Case{"[cache]\ndirs = [\"/mnt\"]\n", ":2: mount.path: "},
             Case{"[mount]\npath = \"/var/cache\"\n", ":2: cache.dirs: "},
             Case{"[mount]\npath = \"/var/cache/hf-mirror/mnt\"\n", ":2: mount.path: "},
             Case{"[cache]\ndirs = [\"/mnt/hf2\", \"/mnt/h\"]\n", ""},
             Case{"[node]\nstate_dir = \"/mnt\"\nrun_dir = \"/mnt\"\n[log]\ndir = \"/mnt\"\n", ""},
         }) {
        const std::string path = file(c.text);
        const Mistakes found = mistakes({.file = path, .sets = {}});
        if (*c.mistake == '\0') {
            EXPECT_TRUE(found.empty()) << c.text << found.front();
            continue;
        }
        ASSERT_EQ(found.size(), 1U) << c.text;
        EXPECT_TRUE(found[0].starts_with(path + c.mistake)) << found[0];
    }
}

TEST_F(OptionsScope, AFileThatIsNotThereIsNamedWhenItIsNeeded) {
    for (const char* key : {"ca_file", "token_file"}) {
        const std::string path =
            file("[upstream]\n" + std::string(key) + " = \"" + dir_ + "/none\"\n");
        EXPECT_EQ(mistakes({.file = path, .sets = {}, .files_must_exist = true}),
                  Mistakes{path + ":2: upstream." + key + ": " + dir_ +
                           "/none cannot be read: No such file or directory"});
        EXPECT_TRUE(mistakes({.file = path, .sets = {}}).empty());
        const std::string directory = "upstream." + std::string(key) + "=" + dir_;
        EXPECT_EQ(mistakes({.file = "/dev/null", .sets = {directory}, .files_must_exist = true}),
                  Mistakes{"--set: upstream." + std::string(key) + ": " + dir_ +
                           " cannot be read: Is a directory"});
        const std::string there = "upstream." + std::string(key) + "=" + path;
        EXPECT_TRUE(
            mistakes({.file = "/dev/null", .sets = {there}, .files_must_exist = true}).empty());
    }
}

}  // namespace
}  // namespace hubfs
