// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace hubfs::cli {
namespace {

constexpr auto kFirstCommands = std::to_array<std::string_view>(
    {"up", "config", "status", "doctor", "prefetch", "verify", "evict", "jobs", "cancel", "pins",
     "unpin", "follow", "follows", "unfollow", "export", "import", "reload"});
constexpr auto kConfigCommands = std::to_array<std::string_view>({"check", "show"});

// Every command takes these, in front of its name or behind it.
void add_config_options(CLI::App& app, ConfigSource& source) {
    app.add_option("--config", source.file,
                   "configuration file (else $HF_MIRROR_CONFIG, else "
                   "/etc/hf-mirror/hf-mirror.toml if there)");
    // One value each, taken as it is: the library must not cut lists or brackets.
    app.add_option_function<std::string>(
           "--set", [&source](const std::string& set) { source.sets.push_back(set); },
           "TABLE.KEY=VALUE, repeatable, wins over the file")
        ->trigger_on_parse()
        ->allow_extra_args(false);
}

// The words that are neither options nor their values.
std::vector<std::string> plain_words(std::span<const std::string> words) {
    std::vector<std::string> plain;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--config" || words[i] == "--set") {
            ++i;
        } else if (!words[i].starts_with('-')) {
            plain.push_back(words[i]);
        }
    }
    return plain;
}

Refusal usage(std::span<const std::string> words, const CLI::ParseError& error) {
    const auto plain = plain_words(words);
    const bool config = !plain.empty() && plain.front() == "config";
    const std::size_t at = config ? 1 : 0;
    const std::span<const std::string_view> known =
        config ? std::span<const std::string_view>(kConfigCommands) : kFirstCommands;
    std::string text = "hf-mirror: ";
    if (plain.size() <= at) {
        text += "a command is missing";
    } else if (std::ranges::find(known, plain[at]) == known.end()) {
        text += "unknown command " + plain[at];
    } else {
        text += error.what();
        std::ranges::replace(text, '\n', ' ');
    }
    return {2, text +
                   "; the commands are up, config check, config show, status, doctor, prefetch, "
                   "verify, evict, jobs, cancel, pins, unpin, follow, follows, unfollow, "
                   "export, import, reload; see --help\n"};
}

CLI::App* add_doctor(CLI::App& app, DoctorArguments& doctor) {
    CLI::App* const command = app.add_subcommand(
        "doctor", "check this machine, a mirror (--client) or the Hub (--upstream)");
    CLI::Option* const client = command->add_option(
        "--client", doctor.client, "URL of a mirror: check it as its clients see it");
    CLI::Option* const upstream =
        command
            ->add_option_function<std::vector<std::string>>(
                "--upstream",
                [&doctor](const std::vector<std::string>& words) {
                    doctor.upstream = words.empty() ? "" : words.front();
                },
                "[URL] compare the Hub's answers with the recorded ones; else upstream.url")
            ->expected(0, 1)
            ->excludes(client);
    command->add_option("--repo", doctor.repo, "public repository to ask for")
        ->check([](const std::string& word) {
            return word.empty() ? std::string("a repository is missing") : std::string();
        });
    command->add_option("--token", doctor.token, "with --client: a token of yours (else $HF_TOKEN)")
        ->needs(client)
        ->excludes(upstream);
    return command;
}

// One value each, taken as it is: patterns have brackets.
void add_pattern(CLI::App& command, const std::string& name, std::vector<std::string>& patterns,
                 const std::string& help) {
    command
        .add_option_function<std::string>(
            name, [&patterns](const std::string& pattern) { patterns.push_back(pattern); }, help)
        ->trigger_on_parse()
        ->allow_extra_args(false);
}

void add_repo(CLI::App& command, JobArguments& job, bool required) {
    command.add_option("what", job.what, "ID[@REVISION]; the revision is else main")
        ->required(required);
    command.add_option("--repo-type", job.repo_type, "model (as it is left out) or dataset")
        ->check(CLI::IsMember({"model", "dataset"}));
}

// Those that start a job about files differ in their name, and in what they are without files.
void add_job(CLI::App& app, const std::string& kind, const std::string& help, bool about_files,
             Arguments& arguments) {
    JobArguments& job = arguments.job;
    CLI::App* const command = app.add_subcommand(kind, help);
    command->fallthrough();
    add_repo(*command, job, about_files);
    if (kind == "export") {
        command->add_option("dir", job.dir, "where to, on hubfs's machine, for hubfs's user")
            ->required();
    }
    add_pattern(*command, "--include", job.include,
                "only paths like this (*, ?, [abc]); repeatable");
    add_pattern(*command, "--exclude", job.exclude, "no paths like this; repeatable");
    if (kind == "prefetch") {
        command->add_flag("--pin", job.pin, "and keep these files in the cache (pins, unpin)");
    }
    command->add_flag("--detach", job.detach, "print the job's number and leave");
    command->add_flag("--json", job.json, "say how it ended as JSON");
    command->callback([&arguments, kind] {
        arguments.command = Command::start_job;
        arguments.job.kind = kind;
    });
}

void add_import(CLI::App& app, Arguments& arguments) {
    CLI::App* const command =
        app.add_subcommand("import", "have hubfs take in what export wrote, all of it checked");
    command->fallthrough();
    command->add_option("dir", arguments.job.dir, "the directory, readable by hubfs's user")
        ->required();
    command->add_flag("--detach", arguments.job.detach, "print the job's number and leave");
    command->add_flag("--json", arguments.job.json, "say how it ended as JSON");
    command->callback([&arguments] {
        arguments.command = Command::start_job;
        arguments.job.kind = "import";
    });
}

// A command that shows what the daemon has of something.
void add_list(CLI::App& app, const std::string& name, const std::string& help, Command meaning,
              Arguments& arguments) {
    CLI::App* const command = app.add_subcommand(name, help);
    command->fallthrough();
    command->add_flag("--json", arguments.json, "as JSON, as the daemon says it");
    command->callback([&arguments, meaning] { arguments.command = meaning; });
}

// A command that ends what another one began for a repository.
void add_end(CLI::App& app, const std::string& name, const std::string& help, Command meaning,
             Arguments& arguments) {
    CLI::App* const command = app.add_subcommand(name, help);
    command->fallthrough();
    add_repo(*command, arguments.job, true);
    command->callback([&arguments, meaning, name] {
        arguments.command = meaning;
        arguments.job.kind = name;
    });
}

}  // namespace

std::expected<Arguments, Refusal> parse_arguments(std::span<const std::string> words) {
    Arguments arguments;
    CLI::App app("Mirror of the Hugging Face Hub: a filesystem, an HTTP server, an rsync server.",
                 "hf-mirror");
    app.set_version_flag("--version", "hf-mirror " HFM_VERSION);
    app.require_subcommand(1);
    app.fallthrough();
    add_config_options(app, arguments.config);
    app.footer(options_help());

    CLI::App* const up = app.add_subcommand(
        "up", "run hubfs, hub-httpd and (rsync.listen) rsyncd in the foreground");
    CLI::App* const config = app.add_subcommand("config", "look at the configuration");
    config->require_subcommand(1);
    config->fallthrough();
    CLI::App* const check = config->add_subcommand("check", "print ok, or every mistake");
    CLI::App* const show = config->add_subcommand("show", "print what is in force, as TOML");
    CLI::App* const status = app.add_subcommand("status", "counters of the running hubfs");
    status->add_flag("--json", arguments.json, "as JSON, as the daemon says it");
    status->add_flag("--line", arguments.line, "as one line of the most important counters");
    CLI::App* const doctor = add_doctor(app, arguments.doctor);
    add_job(app, "prefetch", "have the running hubfs fetch a repository", true, arguments);
    add_job(app, "verify", "compare what hubfs has stored with its hashes", false, arguments);
    add_job(app, "evict", "have hubfs remove a repository's content from its cache", true,
            arguments);
    add_job(app, "follow", "have hubfs fetch and keep each new commit of a branch or tag", true,
            arguments);
    add_job(app, "export", "have hubfs write a repository to a directory", true, arguments);
    add_import(app, arguments);
    add_list(app, "jobs", "long work of the running hubfs", Command::jobs, arguments);
    CLI::App* const cancel = app.add_subcommand("cancel", "end a job of the running hubfs");
    cancel->add_option("job", arguments.number, "its number, as jobs shows it")->required();
    add_list(app, "pins", "what stays in the running hubfs's cache", Command::pins, arguments);
    add_end(app, "unpin", "let a pinned repository be evicted again", Command::unpin, arguments);
    add_list(app, "follows", "what the running hubfs follows", Command::follows, arguments);
    add_end(app, "unfollow", "end what follow began", Command::unfollow, arguments);
    CLI::App* const reload =
        app.add_subcommand("reload", "replace hubfs by the program that is installed now");
    for (CLI::App* const command : {up, check, show, status, doctor, cancel, reload}) {
        command->fallthrough();
    }

    std::vector<std::string> reversed(words.rbegin(), words.rend());
    try {
        app.parse(std::move(reversed));
    } catch (const CLI::CallForHelp&) {
        return std::unexpected(Refusal{0, app.help()});
    } catch (const CLI::CallForVersion& version) {
        return std::unexpected(Refusal{0, std::string(version.what()) + "\n"});
    } catch (const CLI::ParseError& error) {
        return std::unexpected(usage(words, error));
    }
    const auto chosen =
        std::to_array<std::pair<const CLI::App*, Command>>({{check, Command::config_check},
                                                            {show, Command::config_show},
                                                            {status, Command::status},
                                                            {doctor, Command::doctor},
                                                            {cancel, Command::cancel},
                                                            {reload, Command::reload}});
    for (const auto& [command, value] : chosen) {
        if (command->parsed()) {
            arguments.command = value;
        }
    }
    return arguments;
}

std::string options_help() {
    std::string out = "Options of the configuration (--set TABLE.KEY=VALUE):\n";
    std::size_t width = 0;
    for (const OptionSpec& spec : all_options()) {
        width = std::max(width, spec.key.size());
    }
    constexpr std::size_t kDefaultMax = 30;  // columns; the list of content hosts is longer
    for (const OptionSpec& spec : all_options()) {
        std::string value(spec.default_value);
        if (value.size() > kDefaultMax) {
            value = "[…]";
        }
        out += "  " + std::string(spec.key) + std::string(width - spec.key.size() + 2, ' ') +
               std::string(spec.help) + " Default " + value +
               (spec.unit.empty() ? "" : " (" + std::string(spec.unit) + ")") +
               (spec.unbuilt.empty() ? "" : "; fixed in this version") + "\n";
    }
    return out;
}

}  // namespace hubfs::cli
