// SPDX-License-Identifier: Apache-2.0
#include "fs/cli/jobs.h"

#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "fs/base/exit_code.h"
#include "fs/base/hub_types.h"
#include "fs/base/readable.h"
#include "fs/cli/control_client.h"

namespace hubfs::cli {

namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLookEvery{200};
constexpr milliseconds kLineEvery{5000};  // where there is no terminal
constexpr milliseconds kRateAfter{1000};

// The daemon's answer; fails also where it answers {"error":…}.
Result<std::string> ask_daemon(const Options& options, const std::string& question) {
    auto answer = ask(options.text("node.run_dir") + "/hubfs.sock", question);
    if (!answer) {
        const bool absent = answer.error().code == Code::unreachable;
        return fail(answer.error().code, std::string("hubfs ") +
                                             (absent ? "is not running" : "does not answer") +
                                             " (" + answer.error().message + ")");
    }
    boost::system::error_code bad;
    const json::value value = json::parse(*answer, bad);
    if (!bad && value.is_object()) {
        const json::value* const error = value.get_object().if_contains("error");
        if (error != nullptr && error->is_string()) {
            return fail(Code::invalid, std::string(error->get_string()));
        }
    }
    return answer;
}

int complain(const Error& error) {
    std::fprintf(stderr, "hf-mirror: %s\n", error.message.c_str());
    return kExitFailed;
}

std::uint64_t number_of(const json::object& object, std::string_view key) {
    const json::value* const value = object.if_contains(key);
    boost::system::error_code bad;
    const auto number =
        value != nullptr && value->is_number() ? value->to_number<std::uint64_t>(bad) : 0;
    return bad ? 0 : number;
}

std::string text_of(const json::object& object, std::string_view key) {
    const json::value* const value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

Result<JobLine> find_job(const Options& options, std::uint64_t id) {
    const auto answer = ask_daemon(options, R"({"op":"jobs"})");
    if (!answer) {
        return std::unexpected(answer.error());
    }
    const auto jobs = jobs_from(*answer);
    if (!jobs) {
        return std::unexpected(jobs.error());
    }
    const auto found = std::ranges::find(*jobs, id, &JobLine::id);
    return found != jobs->end()
               ? Result<JobLine>(*found)
               : fail(Code::not_found, "hubfs was restarted: job " + std::to_string(id) +
                                           " is gone; start it again to go on");
}

// Shows a running job until it ends.
Result<JobLine> follow(const Options& options, std::uint64_t id) {
    const bool terminal = ::isatty(STDERR_FILENO) == 1;
    const auto began = steady_clock::now();
    auto next_line = began;
    std::optional<std::uint64_t> at_first;  // what was here already says nothing of the rate
    for (;;) {
        auto job = find_job(options, id);
        const bool over = !job || job->state != "running";
        const auto now = steady_clock::now();
        if (job && (terminal || over || now >= next_line)) {
            const std::chrono::duration<double> time = now - began;
            const auto fetched = static_cast<double>(job->bytes - at_first.value_or(job->bytes));
            const double rate = time >= kRateAfter ? fetched / time.count() : 0;
            at_first = at_first.value_or(job->bytes);
            const std::string text = job->what + ": " + progress_text(*job, rate);
            std::fprintf(stderr, terminal ? "\r\033[K%s" : "%s\n", text.c_str());
            next_line = now + kLineEvery;
        }
        if (over) {
            if (terminal) {
                std::fputc('\n', stderr);
            }
            return job;
        }
        std::this_thread::sleep_for(kLookEvery);
    }
}

std::vector<std::string> texts_of(const json::object& object, std::string_view key) {
    std::vector<std::string> texts;
    const json::value* const list = object.if_contains(key);
    if (list != nullptr && list->is_array()) {
        for (const json::value& item : list->get_array()) {
            if (item.is_string()) {
                texts.emplace_back(item.get_string());
            }
        }
    }
    return texts;
}

std::string name_text(const json::object& item) {
    return text_of(item, "type") + " " + text_of(item, "repo") + "@" + text_of(item, "revision");
}

std::string pin_text(const json::object& pin) {
    return name_text(pin) + "  " + text_of(pin, "commit") + "  since " + text_of(pin, "since");
}

std::string follow_text(const json::object& follow) {
    const std::string commit = text_of(follow, "commit");
    std::string text = name_text(follow) + "  " +
                       (commit.empty() ? "nothing complete yet"
                                       : commit + "  complete " + text_of(follow, "completed"));
    if (const json::value* const running = follow.if_contains("running");
        running != nullptr && running->is_bool() && running->get_bool()) {
        text += "  job " + std::to_string(number_of(follow, "job")) + " is running";
    }
    const std::string error = text_of(follow, "error");
    return error.empty() ? text : text + "  " + error;
}

// A list that the daemon has under this name, by an operation of the same name: a line an item.
int run_list(const Options& options, std::string_view name, bool as_json,
             std::string (*line)(const json::object&)) {
    const auto answer = ask_daemon(options, json::serialize(json::object{{"op", name}}));
    if (!answer) {
        return complain(answer.error());
    }
    if (as_json) {
        std::printf("%s\n", answer->c_str());
        return kExitOk;
    }
    boost::system::error_code bad;
    const json::value value = json::parse(*answer, bad);
    const json::value* const list =
        !bad && value.is_object() ? value.get_object().if_contains(name) : nullptr;
    if (list == nullptr || !list->is_array()) {
        return complain({Code::invalid, "the answer is no list of " + std::string(name)});
    }
    for (const json::value& item : list->get_array()) {
        std::printf("%s\n", line(item.is_object() ? item.get_object() : json::object()).c_str());
    }
    return kExitOk;
}

}  // namespace

Result<std::string> job_question(const JobArguments& arguments) {
    if (arguments.what.empty() && !(arguments.include.empty() && arguments.exclude.empty())) {
        return fail(Code::invalid, "patterns want an ID of a repository");
    }
    std::error_code bad;
    const std::string dir = arguments.dir.empty()
                                ? std::string()
                                : std::filesystem::absolute(arguments.dir, bad).string();
    if (bad) {
        return fail(Code::invalid, arguments.dir + ": " + bad.message());
    }
    if (arguments.what.empty()) {
        json::object question{{"op", arguments.kind}};
        if (!dir.empty()) {
            question["dir"] = dir;
        }
        return json::serialize(question);
    }
    const std::size_t at = arguments.what.find('@');
    const std::string id = arguments.what.substr(0, at);
    const std::string revision = at == std::string::npos ? "main" : arguments.what.substr(at + 1);
    if (!valid_repo_id(id) || revision.empty()) {
        return fail(Code::invalid, arguments.what + " is no ID[@REVISION] of a repository");
    }
    json::object question{{"op", arguments.kind},
                          {"type", arguments.repo_type},
                          {"repo", id},
                          {"revision", revision}};
    if (arguments.pin) {
        question["pin"] = true;
    }
    if (!dir.empty()) {
        question["dir"] = dir;
    }
    question["include"] = json::array(arguments.include.begin(), arguments.include.end());
    question["exclude"] = json::array(arguments.exclude.begin(), arguments.exclude.end());
    return json::serialize(question);
}

Result<std::vector<JobLine>> jobs_from(std::string_view answer) {
    boost::system::error_code bad;
    const json::value value = json::parse(answer, bad);
    const json::value* const list =
        !bad && value.is_object() ? value.get_object().if_contains("jobs") : nullptr;
    if (list == nullptr || !list->is_array()) {
        return fail(Code::invalid, "the answer is no list of jobs");
    }
    std::vector<JobLine> jobs;
    for (const json::value& item : list->get_array()) {
        if (!item.is_object()) {
            return fail(Code::invalid, "the answer is no list of jobs");
        }
        const json::object& job = item.get_object();
        jobs.push_back({.id = number_of(job, "job"),
                        .kind = text_of(job, "kind"),
                        .what = text_of(job, "what"),
                        .state = text_of(job, "state"),
                        .error = text_of(job, "error"),
                        .files = number_of(job, "files"),
                        .files_total = number_of(job, "files_total"),
                        .files_failed = number_of(job, "files_failed"),
                        .files_damaged = number_of(job, "files_damaged"),
                        .files_repaired = number_of(job, "files_repaired"),
                        .bytes = number_of(job, "bytes"),
                        .bytes_total = number_of(job, "bytes_total"),
                        .damaged = texts_of(job, "damaged")});
    }
    return jobs;
}

std::string progress_text(const JobLine& job, double rate) {
    std::string text = std::to_string(job.files) + "/" + std::to_string(job.files_total) +
                       " files, " + readable_size(static_cast<double>(job.bytes)) + " of " +
                       readable_size(static_cast<double>(job.bytes_total));
    if (job.files_failed > 0) {
        text += ", " + std::to_string(job.files_failed) + " failed";
    }
    if (job.files_damaged > 0) {
        text += ", " + std::to_string(job.files_damaged) + " damaged";
    }
    if (job.files_repaired > 0) {
        text += ", " + std::to_string(job.files_repaired) + " repaired";
    }
    if (rate >= 1 && job.state == "running") {
        const double left =
            static_cast<double>(job.bytes_total - std::min(job.bytes, job.bytes_total)) / rate;
        const auto seconds = static_cast<std::uint64_t>(std::min(left, 1e9));
        const std::string rest = std::to_string(seconds % 60);
        text += ", " + readable_size(rate) + "/s, " + std::to_string(seconds / 60) + ":" +
                (rest.size() < 2 ? "0" : "") + rest + " left";
    }
    return text;
}

int run_job(const Options& options, const JobArguments& arguments) {
    const auto question = job_question(arguments);
    if (!question) {
        std::fprintf(stderr, "hf-mirror: %s\n", question.error().message.c_str());
        return kExitUsage;
    }
    const auto answer = ask_daemon(options, *question);
    if (!answer) {
        return complain(answer.error());
    }
    boost::system::error_code bad;
    const json::value value = json::parse(*answer, bad);
    const std::uint64_t id = !bad && value.is_object() ? number_of(value.get_object(), "job") : 0;
    if (arguments.detach) {
        std::printf("%s\n", arguments.json ? answer->c_str() : std::to_string(id).c_str());
        return kExitOk;
    }
    std::fprintf(stderr,
                 "job %llu of hubfs; it goes on when this command is interrupted"
                 " (hf-mirror jobs, hf-mirror cancel %llu)\n",
                 static_cast<unsigned long long>(id), static_cast<unsigned long long>(id));
    const auto job = follow(options, id);
    if (!job) {
        return complain(job.error());
    }
    for (const std::string& path : job->damaged) {
        std::fprintf(stderr, "damaged: %s\n", path.c_str());
    }
    if (arguments.json) {
        std::printf("%s\n", json::serialize(json::object{{"job", id},
                                                         {"state", job->state},
                                                         {"files", job->files},
                                                         {"files_failed", job->files_failed},
                                                         {"files_damaged", job->files_damaged},
                                                         {"files_repaired", job->files_repaired},
                                                         {"bytes", job->bytes}})
                                .c_str());
    }
    if (job->state != "done") {
        return complain({Code::io, job->state + (job->error.empty() ? "" : ": " + job->error)});
    }
    return kExitOk;
}

int run_jobs(const Options& options, bool as_json) {
    const auto answer = ask_daemon(options, R"({"op":"jobs"})");
    if (!answer) {
        return complain(answer.error());
    }
    if (as_json) {
        std::printf("%s\n", answer->c_str());
        return kExitOk;
    }
    const auto jobs = jobs_from(*answer);
    if (!jobs) {
        return complain(jobs.error());
    }
    for (const JobLine& job : *jobs) {
        std::printf("%llu  %s  %s  %s  %s%s%s\n", static_cast<unsigned long long>(job.id),
                    job.kind.c_str(), job.state.c_str(), job.what.c_str(),
                    progress_text(job, 0).c_str(), job.error.empty() ? "" : "  ",
                    job.error.c_str());
    }
    return kExitOk;
}

int run_cancel(const Options& options, std::uint64_t job) {
    const auto answer =
        ask_daemon(options, json::serialize(json::object{{"op", "cancel"}, {"job", job}}));
    return answer ? kExitOk : complain(answer.error());
}

int run_pins(const Options& options, bool as_json) {
    return run_list(options, "pins", as_json, pin_text);
}

int run_follows(const Options& options, bool as_json) {
    return run_list(options, "follows", as_json, follow_text);
}

int run_end(const Options& options, const JobArguments& arguments) {
    const auto question = job_question(arguments);
    if (!question) {
        std::fprintf(stderr, "hf-mirror: %s\n", question.error().message.c_str());
        return kExitUsage;
    }
    const auto answer = ask_daemon(options, *question);
    return answer ? kExitOk : complain(answer.error());
}

}  // namespace hubfs::cli
