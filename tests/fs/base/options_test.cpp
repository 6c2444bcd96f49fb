// SPDX-License-Identifier: Apache-2.0
// The configuration: every default of the contract, every kind of mistake with its place, and the
// round trip through TOML. Files are written below the test's own temporary directory.
#include "fs/base/options.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "fs/base/option_values.h"

namespace hubfs {
namespace {

using namespace std::chrono_literals;

class OptionsTest : public testing::Test {
protected:
    OptionsTest() {
        std::string name = testing::TempDir() + "hfm-options-XXXXXX";
        dir_ = ::mkdtemp(name.data());
        ::unsetenv("HF_MIRROR_CONFIG");
    }
    ~OptionsTest() override { std::filesystem::remove_all(dir_); }

    std::string file(const std::string& text) {
        const std::string path = dir_ + "/hf-mirror.toml";
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }

    // The only mistake of this file, without the name of the file.
    std::string mistake(const std::string& text) {
        const std::string path = file(text);
        const auto options = Options::load({.file = path, .sets = {}});
        if (options || options.error().size() != 1) {
            return options ? "no mistake" : std::to_string(options.error().size()) + " mistakes";
        }
        std::string line = options.error().front();
        return line.starts_with(path) ? line.substr(path.size()) : line;
    }

    std::expected<Options, std::vector<std::string>> with(std::vector<std::string> sets) {
        return Options::load({.file = file(""), .sets = std::move(sets)});
    }

    std::string set_mistake(const std::string& set) {
        const auto options = with({set});
        if (options || options.error().size() != 1) {
            return options ? "no mistake" : std::to_string(options.error().size()) + " mistakes";
        }
        return options.error().front();
    }

    std::string dir_;
};

TEST_F(OptionsTest, HasEveryDefaultOfTheContract) {
    const auto options = with({});
    ASSERT_TRUE(options.has_value()) << options.error().front();
    EXPECT_EQ(options->text("node.name"), "");
    EXPECT_EQ(options->text("node.state_dir"), "/var/lib/hf-mirror");
    EXPECT_EQ(options->text("node.run_dir"), "/run/hf-mirror");
    EXPECT_EQ(options->text("mount.path"), "/mnt/hf");
    EXPECT_TRUE(options->flag("mount.allow_other"));
    EXPECT_EQ(options->text("mount.passthrough"), "auto");
    EXPECT_TRUE(options->list("mount.disable_features").empty());
    EXPECT_EQ(options->text("upstream.url"), "https://huggingface.co");
    EXPECT_EQ(options->list("upstream.content_hosts").size(), 11U);
    EXPECT_FALSE(options->flag("upstream.allow_http"));
    EXPECT_EQ(options->duration("upstream.deadline"), 30s);
    EXPECT_EQ(options->count("upstream.connections"), 16U);
    EXPECT_EQ(options->text("upstream.token_file"), "");
    EXPECT_EQ(options->text("upstream.proxy"), "");
    EXPECT_EQ(options->text("upstream.ca_file"), "");
    EXPECT_EQ(options->size("upstream.rate"), 0U);
    EXPECT_FALSE(options->flag("upstream.offline"));
    EXPECT_EQ(options->list("cache.dirs"), std::vector<std::string>{"/var/cache/hf-mirror"});
    EXPECT_EQ(options->size("cache.size"), 100ULL << 30);
    EXPECT_EQ(options->size("cache.block"), 1ULL << 20);
    EXPECT_EQ(options->size("cache.documents"), 1ULL << 30);
    EXPECT_EQ(options->duration("freshness.ref"), 5min);
    EXPECT_EQ(options->duration("freshness.document"), 5min);
    EXPECT_EQ(options->duration("freshness.absent"), 10s);
    EXPECT_EQ(options->duration("freshness.state"), 1h);
    EXPECT_EQ(options->duration("freshness.stale"), 7 * 24h);
    EXPECT_EQ(options->duration("freshness.wait"), 500ms);
    EXPECT_EQ(options->duration("freshness.follow"), 15min);
}

TEST_F(OptionsTest, HasEveryDefaultOfTheServers) {
    const auto options = with({});
    ASSERT_TRUE(options.has_value()) << options.error().front();
    EXPECT_EQ(options->list("http.listen"), std::vector<std::string>{"127.0.0.1:8080"});
    EXPECT_TRUE(options->list("http.tls_listen").empty());
    EXPECT_EQ(options->text("http.tls_cert"), "");
    EXPECT_EQ(options->text("http.tls_key"), "");
    EXPECT_EQ(options->text("http.public_url"), "");
    EXPECT_TRUE(options->flag("http.passthrough"));
    EXPECT_TRUE(options->flag("http.writes"));
    EXPECT_EQ(options->text("http.xet_from"), "1GB");
    EXPECT_EQ(options->list("http.redirect_hosts"),
              (std::vector<std::string>{"huggingface.co", "cdn-lfs.huggingface.co"}));
    EXPECT_EQ(options->text("rsync.listen"), "");
    EXPECT_EQ(options->count("limits.requests_per_second"), 30U);
    EXPECT_EQ(options->count("limits.burst"), 600U);
    EXPECT_EQ(options->count("limits.connections"), 256U);
    EXPECT_EQ(options->size("limits.bytes_per_day"), 1'000'000'000'000U);
    EXPECT_TRUE(options->list("limits.exempt").empty());
    EXPECT_TRUE(options->list("policy.deny").empty());
    EXPECT_TRUE(options->list("policy.allow").empty());
    EXPECT_EQ(options->size("policy.max_file"), 0U);
    EXPECT_EQ(options->text("log.dir"), "/var/log/hf-mirror");
    EXPECT_EQ(options->duration("log.keep"), 14 * 24h);
    EXPECT_EQ(options->text("log.level"), "info");
}

TEST_F(OptionsTest, EveryOptionHasAHelpSentenceAndADefaultThatIsAccepted) {
    for (const OptionSpec& spec : all_options()) {
        EXPECT_TRUE(spec.help.ends_with('.')) << spec.key;
        const auto raw = read_toml_value(spec.default_value);
        ASSERT_TRUE(raw.has_value()) << spec.key;
        const auto value = option_value(spec, *raw, false);
        EXPECT_TRUE(value.has_value()) << spec.key << ": " << value.error();
    }
}

TEST_F(OptionsTest, ReadsAFileAndLetsSetWin) {
    const std::string path = file(
        "[http]\nlisten = [\"127.0.0.1:1\", \"[::1]:2\"]\n[cache]\nsize = \"2GiB\"\n"
        "dirs = [\"/a\", \"/b\"]\n[freshness]\nref = \"90s\"\n[log]\n");
    const auto options = Options::load(
        {.file = path, .sets = {"cache.size=3GiB", "cache.size=4GiB", "node.name=a b"}});
    ASSERT_TRUE(options.has_value()) << options.error().front();
    EXPECT_EQ(options->file(), path);
    EXPECT_EQ(options->list("http.listen"), (std::vector<std::string>{"127.0.0.1:1", "[::1]:2"}));
    EXPECT_EQ(options->size("cache.size"), 4ULL << 30);
    EXPECT_EQ(options->list("cache.dirs"), (std::vector<std::string>{"/a", "/b"}));
    EXPECT_EQ(options->duration("freshness.ref"), 90s);
    EXPECT_EQ(options->text("node.name"), "a b");
}

TEST_F(OptionsTest, TakesTheFileOfTheEnvironmentWhenNoneIsNamed) {
    const std::string path = file("[node]\nname = \"n\"\n");
    ::setenv("HF_MIRROR_CONFIG", path.c_str(), 1);
    const auto options = Options::load({});
    ::unsetenv("HF_MIRROR_CONFIG");
    ASSERT_TRUE(options.has_value()) << options.error().front();
    EXPECT_EQ(options->file(), path);
    EXPECT_EQ(options->text("node.name"), "n");
}

TEST_F(OptionsTest, ATomlValueOrABareWordMayFollowSet) {
    struct Case {
        const char* set;
        const char* key;
        const char* toml;
    };
    const Case cases[] = {
        {"mount.path=/tmp/hf", "mount.path", "\"/tmp/hf\""},
        {"mount.path=\"/tmp/h f\"", "mount.path", "\"/tmp/h f\""},
        {"mount.path='/tmp/q\"'", "mount.path", "\"/tmp/q\\\"\""},
        {"mount.allow_other=false", "mount.allow_other", "false"},
        {"mount.disable_features=[\"resend\"]", "mount.disable_features", "[\"resend\"]"},
        {"mount.disable_features=resend", "mount.disable_features", "[\"resend\"]"},
        {"mount.disable_features=", "mount.disable_features", "[]"},
        {"mount.passthrough=off", "mount.passthrough", "\"off\""},
        {"upstream.connections=4", "upstream.connections", "4"},
        {"upstream.deadline=2500ms", "upstream.deadline", "\"2500ms\""},
        {"upstream.rate=0", "upstream.rate", "\"0\""},
        {"cache.size=4096MB", "cache.size", "\"4096MB\""},
        {"cache.size=8388608", "cache.size", "\"8MiB\""},
        {"freshness.ref=0", "freshness.ref", "\"0s\""},
        {"freshness.ref=\"1h\"", "freshness.ref", "\"1h\""},
        {"http.listen=[\"127.0.0.1:0\"]", "http.listen", "[\"127.0.0.1:0\"]"},
        {"http.listen=127.0.0.1:0", "http.listen", "[\"127.0.0.1:0\"]"},
        {"http.listen=[::1]:0", "http.listen", "[\"[::1]:0\"]"},
        {"http.listen=[\"[::1]:0\"]", "http.listen", "[\"[::1]:0\"]"},
        {"http.xet_from=off", "http.xet_from", "\"off\""},
        {"rsync.listen=[::1]:0", "rsync.listen", "\"[::1]:0\""},
        {"rsync.listen=\"[::1]:0\"", "rsync.listen", "\"[::1]:0\""},
        {"rsync.listen=", "rsync.listen", "\"\""},
        {"node.name=2026", "node.name", "\"2026\""},
        {" node.name = x ", "node.name", "\"x\""},
        {"limits.burst=600", "limits.burst", "600"},
        {"upstream.url=https://hub.example.org:8443", "upstream.url",
         "\"https://hub.example.org:8443\""},
    };
    for (const Case& c : cases) {
        const auto options = with({c.set});
        ASSERT_TRUE(options.has_value()) << c.set << ": " << options.error().front();
        const std::string wanted =
            std::string(c.key).substr(std::string(c.key).find('.') + 1) + " = " + c.toml + "\n";
        EXPECT_NE(options->to_toml().find("\n" + wanted), std::string::npos) << c.set;
    }
}

struct FileMistake {
    const char* text;
    const char* mistake;  // after the name of the file
};

constexpr FileMistake kFileMistakes[] = {
    {"[node]\nnmae = \"x\"\n", ":2: node.nmae: unknown key, did you mean node.name?"},
    {"[htpp]\nlisten = []\n", ":2: htpp.listen: unknown table htpp, did you mean http.listen?"},
    {"[quux]\nzzzz = 1\n", ":2: quux.zzzz: unknown table quux"},
    {"[quux]\n", ":1: quux: unknown table quux"},
    {"[cache]\nref = \"1m\"\n", ":2: cache.ref: unknown key, did you mean freshness.ref?"},
    {"http = 1\n", ":1: http: is a table: its keys stand below [http]"},
    {"[http.listen]\nx = 1\n", ":1: http.listen: wants a list of texts, this is a table"},
    {"[[http]]\nx = 1\n", ":1: http: is a table: its keys stand below [http]"},
    {"\n[node]\nname = 5\n", ":3: node.name: wants text, this is an integer"},
    {"[node]\nname = \"a\\u0007\"\n", ":2: node.name: contains a control character"},
    {"[mount]\nallow_other = \"yes\"\n",
     ":2: mount.allow_other: wants true or false, this is \"yes\""},
    {"[mount]\npath = \"mnt\"\n", ":2: mount.path: wants an absolute path, this is \"mnt\""},
    {"[mount]\npath = \"\"\n", ":2: mount.path: wants an absolute path, this is \"\""},
    {"[mount]\npassthrough = \"on\"\n",
     ":2: mount.passthrough: knows only auto, off, this is \"on\""},
    {"[mount]\ndisable_features = [\"magic\"]\n",
     ":2: mount.disable_features: knows only passthrough, resend, request_timeout, epoch, "
     "prune, this is \"magic\""},
    {"[upstream]\nconnections = 0\n", ":2: upstream.connections: must be from 1 to 256"},
    {"[upstream]\nconnections = -1\n",
     ":2: upstream.connections: wants a whole number from 0 on, this is an integer"},
    {"[upstream]\nconnections = 1.5\n",
     ":2: upstream.connections: wants a whole number from 0 on, this is a number with a "
     "fraction"},
    {"[upstream]\ndeadline = 30\n",
     ":2: upstream.deadline: wants a duration such as 250ms 10s 5m 1h 14d, this is an "
     "integer"},
    {"[upstream]\ndeadline = \"30x\"\n",
     ":2: upstream.deadline: wants a duration such as 250ms 10s 5m 1h 14d, this is \"30x\""},
    {"[upstream]\ndeadline = \"2m\"\n",
     ":2: upstream.deadline: must be from 100ms to 50s: a waiting read ends before 60s"},
    {"[upstream]\ndeadline = 2026-01-01\n",
     ":2: upstream.deadline: wants a duration such as 250ms 10s 5m 1h 14d, this is a date or "
     "time"},
    {"[upstream]\nurl = \"ftp://x\"\n",
     ":2: upstream.url: wants https://HOST[:PORT] without user or query, this is "
     "\"ftp://x\""},
    {"[upstream]\nurl = \"https://u:p@x\"\n",
     ":2: upstream.url: wants https://HOST[:PORT] without user or query, this is "
     "\"https://u:p@x\""},
    {"[upstream]\nurl = \"http://127.0.0.1:1\"\n",
     ":2: upstream.url: plain http is refused unless upstream.allow_http = true"},
    {"[upstream]\ncontent_hosts = [\"https://x\"]\n",
     ":2: upstream.content_hosts: wants host, host:port or *.host, this is \"https://x\""},
    {"[upstream]\ncontent_hosts = [1]\n",
     ":2: upstream.content_hosts: wants a list of texts, one item is an integer"},
    {"[upstream]\nproxy = \"host:1\"\n",
     ":2: upstream.proxy: wants http://HOST:PORT, https:// or socks5:// before a host"},
    {"[cache]\nsize = \"10 GB\"\n",
     ":2: cache.size: wants a size such as 1MiB 10GB 4096, this is \"10 GB\""},
    {"[cache]\nsize = \"1kB\"\n", ":2: cache.size: must be at least one block (cache.block)"},
    {"[cache]\nblock = \"3MiB\"\n", ":2: cache.block: must be a power of two from 64KiB to 64MiB"},
    {"[cache]\ndirs = []\n", ":2: cache.dirs: wants at least one directory"},
    {"[cache]\ndirs = [\"/a\", \"/a\"]\n", ":2: cache.dirs: names \"/a\" twice"},
    {"[http]\nlisten = \"127.0.0.1:1\"\n",
     ":2: http.listen: wants a list of texts, this is \"127.0.0.1:1\""},
    {"[http]\nlisten = [\"localhost:1\"]\n",
     ":2: http.listen: wants ADDR:PORT with a numeric address ([v6]:PORT), this is "
     "\"localhost:1\""},
    {"[http]\nxet_from = \"big\"\n",
     ":2: http.xet_from: wants a size such as 1GB, or off, this is \"big\""},
    {"[rsync]\nlisten = \"127.0.0.1\"\n",
     ":2: rsync.listen: wants ADDR:PORT with a numeric address ([v6]:PORT), this is "
     "\"127.0.0.1\""},
    {"[log]\nlevel = \"loud\"\n",
     ":2: log.level: knows only debug, info, warn, error, this is \"loud\""},
};

TEST_F(OptionsTest, NamesEveryMistakeOfAFileWithItsLine) {
    for (const FileMistake& c : kFileMistakes) {
        EXPECT_EQ(mistake(c.text), c.mistake) << c.text;
    }
}

TEST_F(OptionsTest, ASyntaxMistakeNamesItsLine) {
    for (const auto& [text, start] : std::initializer_list<std::pair<const char*, const char*>>{
             {"[node]\nname = \n", ":2: syntax: "},
             {"[node]\n\nname = \"a\nb\"\n", ":3: syntax: "},
             {"[node\n", ":1: syntax: "},
             {"[node]\nname = \"a\"\nname = \"b\"\n", ":3: syntax: "},
             {"[node]\n[log]\n[node]\n", ":3: syntax: "},
             {"a\xff = 1\n", ":1: syntax: "},
             // These two reach a failing assertion and an "unreachable" place of the library.
             {"[node]\n[!]\n", ":2: syntax: "},
             {"[node]\n\xc3\xa4 = 1\n", ":2: syntax: "}}) {
        const std::string got = mistake(text);
        EXPECT_TRUE(got.starts_with(start)) << text << " gave " << got;
    }
}

TEST_F(OptionsTest, ReportsAllMistakesInTheOrderOfTheFileThenTheSets) {
    const std::string path = file("[log]\nlevel = \"x\"\n[cache]\nsize = true\n[node]\nzz = 1\n");
    const auto options = Options::load({.file = path, .sets = {"nonsense", "http.writes=maybe"}});
    ASSERT_FALSE(options.has_value());
    ASSERT_EQ(options.error().size(), 5U);
    EXPECT_TRUE(options.error()[0].starts_with(path + ":2: log.level: "));
    EXPECT_TRUE(options.error()[1].starts_with(path + ":4: cache.size: "));
    EXPECT_TRUE(options.error()[2].starts_with(path + ":6: node.zz: "));
    EXPECT_EQ(options.error()[3], "--set: nonsense: wants TABLE.KEY=VALUE");
    EXPECT_TRUE(options.error()[4].starts_with("--set: http.writes: "));
}

TEST_F(OptionsTest, NamesTheMistakesOfSet) {
    EXPECT_EQ(set_mistake("log.level=loud"),
              "--set: log.level: knows only debug, info, warn, error, this is \"loud\"");
    EXPECT_EQ(set_mistake("lgo.level=info"),
              "--set: lgo.level: unknown table lgo, did you mean log.level?");
    EXPECT_EQ(set_mistake("http=1"), "--set: http: is a table: its keys stand below [http]");
    EXPECT_EQ(set_mistake("upstream.url=http://127.0.0.1:1"),
              "--set: upstream.url: plain http is refused unless upstream.allow_http = true");
    EXPECT_EQ(set_mistake("=1"), "--set: : unknown table ");
    EXPECT_TRUE(set_mistake("http.listen=[\"a\"").starts_with("--set: http.listen: "));
    EXPECT_TRUE(set_mistake("node.name=\"a").starts_with("--set: node.name: "));
    EXPECT_EQ(set_mistake("node.name=a\nhttp.listen=[]"),
              "--set: node.name: contains a control character");
}

TEST_F(OptionsTest, AFileThatCannotBeReadIsAMistake) {
    const auto missing = Options::load({.file = dir_ + "/none.toml", .sets = {}});
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().front(),
              dir_ + "/none.toml:1: file: cannot be read: No such file or directory");
    const auto directory = Options::load({.file = dir_, .sets = {}});
    ASSERT_FALSE(directory.has_value());
    EXPECT_EQ(directory.error().front(), dir_ + ":1: file: cannot be read: Is a directory");
    EXPECT_EQ(mistake(std::string((1U << 20) + 1, '\n')),
              ":1: syntax: the file is larger than 1 MiB");
}

TEST_F(OptionsTest, AKeyThatIsNotBuiltIsRefusedAtAnyValueButItsDefault) {
    struct Case {
        const char* accepted;
        const char* refused;
    };
    for (const Case& c : {
             Case{"http.tls_listen=[]", "http.tls_listen=[\"127.0.0.1:443\"]"},
             Case{"http.tls_cert=", "http.tls_cert=/a"},
             Case{"http.tls_key=", "http.tls_key=/a"},
             Case{"http.xet_from=1GB", "http.xet_from=2GB"},
             Case{"http.xet_from=off", "http.xet_from=1MB"},
             Case{"upstream.rate=0", "upstream.rate=1MB"},
             Case{"limits.requests_per_second=30", "limits.requests_per_second=31"},
             Case{"limits.burst=600", "limits.burst=1"},
             Case{"limits.connections=256", "limits.connections=1"},
             Case{"limits.bytes_per_day=1000GB", "limits.bytes_per_day=1GB"},
             Case{"limits.exempt=[]", "limits.exempt=[\"10.0.0.0/8\"]"},
             Case{"policy.deny=[]", "policy.deny=[\"a/b\"]"},
             Case{"policy.allow=[]", "policy.allow=[\"a/b\"]"},
             Case{"policy.max_file=0", "policy.max_file=1GB"},
         }) {
        EXPECT_TRUE(with({c.accepted}).has_value()) << c.accepted;
        EXPECT_NE(set_mistake(c.refused).find("not built in this version"), std::string::npos)
            << c.refused << ": " << set_mistake(c.refused);
    }
}

TEST_F(OptionsTest, PlainHttpUpstreamIsAcceptedWhenAllowed) {
    const auto options = with({"upstream.url=http://127.0.0.1:1", "upstream.allow_http=true"});
    ASSERT_TRUE(options.has_value()) << options.error().front();
    EXPECT_EQ(options->text("upstream.url"), "http://127.0.0.1:1");
}

TEST_F(OptionsTest, WhatIsShownReadsBackAsTheSameConfiguration) {
    const auto options =
        with({"node.name=a \\ \"quoted\" b", "cache.size=5000MB", "freshness.ref=90s",
              "http.listen=[\"127.0.0.1:0\", \"[::1]:0\"]", "mount.allow_other=false",
              "upstream.deadline=1500ms", "cache.documents=1000001"});
    ASSERT_TRUE(options.has_value()) << options.error().front();
    const std::string shown = options->to_toml();
    const auto again = Options::load({.file = file(shown), .sets = {}});
    ASSERT_TRUE(again.has_value()) << again.error().front();
    EXPECT_EQ(again->to_toml(), shown);
    EXPECT_EQ(again->text("node.name"), "a \\ \"quoted\" b");
    EXPECT_EQ(again->size("cache.documents"), 1'000'001U);
    EXPECT_EQ(again->duration("upstream.deadline"), 1500ms);
}

using OptionsDeathTest = OptionsTest;

TEST_F(OptionsDeathTest, AskingByTheWrongTypeIsOurOwnMistake) {
    const auto options = with({});
    ASSERT_TRUE(options.has_value());
    EXPECT_DEATH((void)options->text("upstream.connections"), "no option of that type");
    EXPECT_DEATH((void)options->count("cache.size"), "no option of that type");
    EXPECT_DEATH((void)options->text("node.nothing"), "no option of that type");
}

}  // namespace
}  // namespace hubfs
