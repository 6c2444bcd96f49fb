// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/arguments.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hubfs::cli {
namespace {

using Words = std::vector<std::string>;

TEST(Arguments, KnowsEachCommand) {
    EXPECT_EQ(parse_arguments(Words{"up"})->command, Command::up);
    EXPECT_EQ(parse_arguments(Words{"config", "check"})->command, Command::config_check);
    EXPECT_EQ(parse_arguments(Words{"config", "show"})->command, Command::config_show);
    EXPECT_EQ(parse_arguments(Words{"status"})->command, Command::status);
    EXPECT_TRUE(parse_arguments(Words{"status", "--json"})->json);
    EXPECT_TRUE(parse_arguments(Words{"status", "--line"})->line);
}

TEST(Arguments, PrefetchTakesARepositoryAndPatterns) {
    const auto plain = parse_arguments(Words{"prefetch", "a/b@v1"});
    ASSERT_TRUE(plain.has_value()) << plain.error().text;
    EXPECT_EQ(plain->command, Command::start_job);
    EXPECT_EQ(plain->job.kind, "prefetch");
    EXPECT_EQ(plain->job.what, "a/b@v1");
    EXPECT_EQ(plain->job.repo_type, "model");
    const auto all = parse_arguments(Words{"prefetch", "--include", "*.json", "a/b", "--include",
                                           "x[12]", "--exclude", "y", "--repo-type", "dataset",
                                           "--detach", "--json", "--set", "a.b=1"});
    ASSERT_TRUE(all.has_value()) << all.error().text;
    EXPECT_EQ(all->job.what, "a/b");
    EXPECT_EQ(all->job.include, (Words{"*.json", "x[12]"}));
    EXPECT_EQ(all->job.exclude, Words{"y"});
    EXPECT_TRUE(all->job.detach && all->job.json);
    EXPECT_EQ(all->config.sets, Words{"a.b=1"});
    EXPECT_FALSE(parse_arguments(Words{"prefetch"}).has_value());
    EXPECT_FALSE(parse_arguments(Words{"prefetch", "a/b", "--repo-type", "space"}).has_value());
    EXPECT_EQ(parse_arguments(Words{"jobs"})->command, Command::jobs);
    EXPECT_EQ(parse_arguments(Words{"cancel", "3"})->number, 3U);
    EXPECT_EQ(parse_arguments(Words{"verify"})->job.kind, "verify");
    EXPECT_EQ(parse_arguments(Words{"evict", "a/b"})->job.kind, "evict");
    EXPECT_FALSE(parse_arguments(Words{"evict"}).has_value());
    EXPECT_TRUE(parse_arguments(Words{"prefetch", "a/b", "--pin"})->job.pin);
    EXPECT_FALSE(parse_arguments(Words{"evict", "a/b", "--pin"}).has_value());
    EXPECT_EQ(parse_arguments(Words{"pins"})->command, Command::pins);
    EXPECT_EQ(parse_arguments(Words{"unpin", "a/b@v1"})->job.what, "a/b@v1");
    EXPECT_EQ(parse_arguments(Words{"unpin", "a/b"})->command, Command::unpin);
    EXPECT_FALSE(parse_arguments(Words{"cancel"}).has_value());
    EXPECT_FALSE(parse_arguments(Words{"cancel", "x"}).has_value());
}

TEST(Arguments, FollowTakesABranchAndPatterns) {
    const auto follow = parse_arguments(Words{"follow", "a/b@dev", "--include", "*.json"});
    ASSERT_TRUE(follow.has_value()) << follow.error().text;
    EXPECT_EQ(follow->command, Command::start_job);
    EXPECT_EQ(follow->job.kind, "follow");
    EXPECT_EQ(follow->job.what, "a/b@dev");
    EXPECT_EQ(follow->job.include, Words{"*.json"});
    EXPECT_FALSE(parse_arguments(Words{"follow"}).has_value());
    EXPECT_FALSE(parse_arguments(Words{"follow", "a/b", "--pin"}).has_value());
    const auto list = parse_arguments(Words{"follows", "--json"});
    ASSERT_TRUE(list.has_value()) << list.error().text;
    EXPECT_EQ(list->command, Command::follows);
    EXPECT_TRUE(list->json);
    const auto end = parse_arguments(Words{"unfollow", "a/b@dev"});
    ASSERT_TRUE(end.has_value()) << end.error().text;
    EXPECT_EQ(end->command, Command::unfollow);
    EXPECT_EQ(end->job.kind, "unfollow");
    EXPECT_EQ(end->job.what, "a/b@dev");
}

TEST(Arguments, ExportAndImportTakeADirectory) {
    const auto out = parse_arguments(Words{"export", "a/b@v1", "/srv/out", "--include", "*.json"});
    ASSERT_TRUE(out.has_value()) << out.error().text;
    EXPECT_EQ(out->command, Command::start_job);
    EXPECT_EQ(out->job.kind, "export");
    EXPECT_EQ(out->job.what, "a/b@v1");
    EXPECT_EQ(out->job.dir, "/srv/out");
    EXPECT_FALSE(parse_arguments(Words{"export", "a/b"}).has_value());
    EXPECT_FALSE(parse_arguments(Words{"prefetch", "a/b", "/srv/out"}).has_value());
    const auto in = parse_arguments(Words{"import", "/srv/out", "--json"});
    ASSERT_TRUE(in.has_value()) << in.error().text;
    EXPECT_EQ(in->command, Command::start_job);
    EXPECT_EQ(in->job.kind, "import");
    EXPECT_EQ(in->job.what, "");
    EXPECT_EQ(in->job.dir, "/srv/out");
    EXPECT_TRUE(in->job.json);
    EXPECT_FALSE(parse_arguments(Words{"import"}).has_value());
    EXPECT_FALSE(parse_arguments(Words{"import", "/srv/out", "--include", "x"}).has_value());
}

TEST(Arguments, DoctorIsForThisMachineAMirrorOrTheHub) {
    const auto plain = parse_arguments(Words{"doctor"});
    ASSERT_TRUE(plain.has_value());
    EXPECT_EQ(plain->command, Command::doctor);
    EXPECT_FALSE(plain->doctor.client || plain->doctor.upstream);
    const auto client =
        parse_arguments(Words{"doctor", "--client", "http://m", "--token", "t", "--repo", "a/b"});
    ASSERT_TRUE(client.has_value()) << client.error().text;
    EXPECT_EQ(client->doctor.client, "http://m");
    EXPECT_EQ(client->doctor.token, "t");
    EXPECT_EQ(client->doctor.repo, "a/b");
    EXPECT_EQ(parse_arguments(Words{"doctor", "--upstream"})->doctor.upstream, "");
    EXPECT_EQ(parse_arguments(Words{"doctor", "--upstream", "http://h"})->doctor.upstream,
              "http://h");
    const auto both = parse_arguments(Words{"doctor", "--upstream", "--set", "a.b=1"});
    ASSERT_TRUE(both.has_value()) << both.error().text;
    EXPECT_EQ(both->doctor.upstream, "");
    EXPECT_EQ(both->config.sets, Words{"a.b=1"});
}

TEST(Arguments, TakesOptionsBeforeAndAfterTheCommand) {
    for (const Words& words : {Words{"--config", "/f", "--set", "a.b=1", "--set", "c.d=2", "up"},
                               Words{"up", "--config", "/f", "--set", "a.b=1", "--set", "c.d=2"},
                               Words{"--set=a.b=1", "up", "--set=c.d=2", "--config=/f"}}) {
        const auto arguments = parse_arguments(words);
        ASSERT_TRUE(arguments.has_value()) << arguments.error().text;
        EXPECT_EQ(arguments->config.file, "/f");
        EXPECT_EQ(arguments->config.sets, (Words{"a.b=1", "c.d=2"}));
    }
}

TEST(Arguments, LeavesTheValueOfSetAsItIs) {
    const Words sets = {R"(http.listen=["127.0.0.1:0", "[::1]:0"])",
                        "node.name=",
                        "x.y=[a,b]",
                        "x.y={}",
                        "x.y=a,b",
                        "x.y=\"quoted\"",
                        "rsync.listen=[::1]:0"};
    Words words = {"up"};
    for (const std::string& set : sets) {
        words.push_back("--set");
        words.push_back(set);
    }
    const auto arguments = parse_arguments(words);
    ASSERT_TRUE(arguments.has_value()) << arguments.error().text;
    EXPECT_EQ(arguments->config.sets, sets);
}

TEST(Arguments, RefusesWithExitTwoAndTheKnownCommands) {
    for (const Words& words :
         {Words{}, Words{"frob"}, Words{"prefech", "a/b"}, Words{"config"}, Words{"config", "frob"},
          Words{"up", "--bogus"}, Words{"up", "extra"}, Words{"--config"}, Words{"up", "--set"},
          Words{"up", "--json"}, Words{"doctor", "--client"},
          Words{"doctor", "--client", "http://m", "--upstream"}, Words{"doctor", "--token", "t"},
          Words{"doctor", "--repo", ""}, Words{"doctor", "http://m"}, Words{"up", "status"},
          Words{""}}) {
        const auto arguments = parse_arguments(words);
        ASSERT_FALSE(arguments.has_value());
        EXPECT_EQ(arguments.error().exit_code, 2);
        EXPECT_NE(arguments.error().text.find("up, config check, config show, status"),
                  std::string::npos)
            << arguments.error().text;
    }
    EXPECT_TRUE(parse_arguments(Words{"prefech", "a/b"})
                    .error()
                    .text.starts_with("hf-mirror: unknown command prefech;"));
}

TEST(Arguments, HelpAndVersionAreAnswers) {
    const auto version = parse_arguments(Words{"--version"});
    EXPECT_EQ(version.error().exit_code, 0);
    EXPECT_EQ(version.error().text, "hf-mirror " HFM_VERSION "\n");
    const auto help = parse_arguments(Words{"--help"});
    EXPECT_EQ(help.error().exit_code, 0);
    for (const OptionSpec& spec : all_options()) {
        EXPECT_NE(help.error().text.find(std::string(spec.key) + " "), std::string::npos);
    }
}

}  // namespace
}  // namespace hubfs::cli
