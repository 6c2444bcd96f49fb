// SPDX-License-Identifier: Apache-2.0
#include "fs/app/config.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace hubfs::app {
namespace {

using std::chrono::milliseconds;

class ConfigTest : public ::testing::Test {
protected:
    ConfigTest() {
        std::string name = ::testing::TempDir() + "/configXXXXXX";
        root_ = mkdtemp(name.data());
    }
    ~ConfigTest() override { std::filesystem::remove_all(root_); }
    std::string write(const std::string& text) {
        const std::string path = root_ + "/file";
        std::ofstream(path) << text;
        return path;
    }
    std::string root_;
};

TEST_F(ConfigTest, OptionsReachTheParts) {
    const auto options = Options::load(
        {.file = write("[upstream]\nurl = \"http://127.0.0.1:1\"\nallow_http = true\n"
                       "deadline = \"7s\"\nconnections = 3\ncontent_hosts = [\"a:1\", \"*.b\"]\n"
                       "[cache]\ndirs = [\"/c1\", \"/c2\"]\nsize = \"5GiB\"\nblock = \"2MiB\"\n"
                       "documents = \"64MiB\"\n"
                       "[freshness]\nref = \"1s\"\ndocument = \"2s\"\nabsent = \"3s\"\n"
                       "state = \"4s\"\nstale = \"5s\"\nwait = \"6ms\"\n"),
         .sets = {}});
    ASSERT_TRUE(options) << options.error().front();
    const auto upstream = upstream_config(*options, "secret");
    EXPECT_EQ(upstream.url, "http://127.0.0.1:1");
    EXPECT_TRUE(upstream.allow_http);
    EXPECT_EQ(upstream.deadline, milliseconds(7000));
    EXPECT_EQ(upstream.connections, 3U);
    EXPECT_EQ(upstream.content_hosts, (std::vector<std::string>{"a:1", "*.b"}));
    EXPECT_EQ(upstream.token, "secret");
    const auto cache = cache_config(*options);
    EXPECT_EQ(cache.dirs, (std::vector<std::string>{"/c1", "/c2"}));
    EXPECT_EQ(cache.size_bytes, 5ULL << 30);
    EXPECT_EQ(cache.block_bytes, 2U << 20);
    EXPECT_EQ(cache.deadline, milliseconds(7000));
    EXPECT_EQ(cache.connections, 3U);
    const auto catalog = catalog_config(*options);
    EXPECT_EQ(catalog.ref, milliseconds(1000));
    EXPECT_EQ(catalog.document, milliseconds(2000));
    EXPECT_EQ(catalog.absent, milliseconds(3000));
    EXPECT_EQ(catalog.state, milliseconds(4000));
    EXPECT_EQ(catalog.stale, milliseconds(5000));
    EXPECT_EQ(catalog.wait, milliseconds(6));
    EXPECT_EQ(catalog.documents_bytes, 64ULL << 20);
}

TEST_F(ConfigTest, ATokenIsTheFirstLineWithoutSpace) {
    EXPECT_EQ(read_token(""), "");
    EXPECT_EQ(read_token(write("  hf_abc \r\nmore\n")), "hf_abc");
    EXPECT_EQ(read_token(write("hf_abc")), "hf_abc");
    for (const std::string& text : {std::string(), std::string("\n"), std::string(5000, 'x')}) {
        const auto token = read_token(write(text));
        ASSERT_FALSE(token);
        EXPECT_EQ(token.error().code, Code::invalid);
        EXPECT_EQ(token.error().message.find("xxx"), std::string::npos);
    }
    EXPECT_FALSE(read_token(root_ + "/none"));
}

TEST_F(ConfigTest, ADirectoryIsMadeOrRefusedWithItsOption) {
    EXPECT_TRUE(usable_directory(root_ + "/a/b", "cache.dirs"));
    EXPECT_TRUE(std::filesystem::is_directory(root_ + "/a/b"));
    const std::string file = write("x");
    for (const std::string& path : {file, file + "/below"}) {
        const Status usable = usable_directory(path, "cache.dirs");
        ASSERT_FALSE(usable);
        EXPECT_EQ(usable.error().code, Code::unsupported);
        EXPECT_TRUE(usable.error().message.starts_with("cache.dirs: " + path));
    }
}

}  // namespace
}  // namespace hubfs::app
