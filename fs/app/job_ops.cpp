// SPDX-License-Identifier: Apache-2.0
#include "fs/app/job_ops.h"

#include <boost/json.hpp>
#include <functional>
#include <optional>
#include <utility>

#include "fs/app/prefetch.h"
#include "fs/app/upkeep.h"

namespace hubfs::app {

namespace {

namespace json = boost::json;

json::object object_of(const JobView& job) {
    json::object object{{"job", job.id},
                        {"kind", job.kind},
                        {"what", job.what},
                        {"state", name_of(job.state)},
                        {"started", to_text(job.started)},
                        {"files", job.files},
                        {"files_total", job.files_total},
                        {"files_failed", job.files_failed},
                        {"files_damaged", job.files_damaged},
                        {"bytes", job.bytes},
                        {"bytes_total", job.bytes_total}};
    if (job.ended) {
        object["ended"] = to_text(*job.ended);
    }
    if (!job.error.empty()) {
        object["error"] = job.error;
    }
    return object;
}

json::array array_of(const std::vector<JobView>& jobs) {
    json::array array;
    for (const JobView& job : jobs) {
        array.push_back(object_of(job));
    }
    return array;
}

// answer_control() has parsed the line before: it is an object.
json::object parsed(std::string_view line) {
    boost::system::error_code bad;
    json::value value = json::parse(line, bad);
    return bad || !value.is_object() ? json::object() : std::move(value.as_object());
}

Result<std::string> text_of(const json::object& object, std::string_view key,
                            std::string_view otherwise) {
    const json::value* const value = object.if_contains(key);
    if (value == nullptr) {
        return std::string(otherwise);
    }
    if (!value->is_string()) {
        return fail(Code::invalid, std::string(key) + " must be a text");
    }
    return std::string(value->get_string());
}

Result<std::vector<std::string>> texts_of(const json::object& object, std::string_view key) {
    std::vector<std::string> texts;
    const json::value* const value = object.if_contains(key);
    if (value == nullptr) {
        return texts;
    }
    if (!value->is_array()) {
        return fail(Code::invalid, std::string(key) + " must be a list of texts");
    }
    for (const json::value& item : value->get_array()) {
        if (!item.is_string()) {
            return fail(Code::invalid, std::string(key) + " must be a list of texts");
        }
        texts.emplace_back(item.get_string());
    }
    return texts;
}

std::string answer_or_error(const Result<json::object>& answer) {
    return answer ? json::serialize(*answer) : control_error(answer.error().message);
}

std::string name_of(const FilesRequest& request) {
    return std::string(plural(request.repo.type)) + "/" + request.repo.id + "@" + request.revision;
}

using FilesWork = std::function<Status(const FilesRequest&, JobRun&)>;

Result<json::object> started(Result<std::uint64_t> id) {
    return id ? Result<json::object>(json::object{{"job", *id}}) : std::unexpected(id.error());
}

// Starts a job about the files that the line names.
Result<json::object> start_about(std::string_view kind, std::string_view line, Jobs& jobs,
                                 FilesWork work) {
    auto request = files_request(line);
    if (!request) {
        return std::unexpected(request.error());
    }
    std::string what = name_of(*request);
    return started(jobs.start(std::string(kind), std::move(what),
                              [work = std::move(work), asked = std::move(*request)](JobRun& run) {
                                  return work(asked, run);
                              }));
}

Result<json::object> start_verify(std::string_view line, Jobs& jobs, meta::Catalog& catalog,
                                  cache::BlockCache& cache) {
    if (parsed(line).contains("repo")) {
        return start_about("verify", line, jobs, [&](const FilesRequest& asked, JobRun& run) {
            return verify(catalog, cache, asked, run);
        });
    }
    return started(jobs.start("verify", "everything", [&](JobRun& run) {
        return verify(catalog, cache, std::nullopt, run);
    }));
}

Result<json::object> cancel_job(std::string_view line, Jobs& jobs) {
    const json::object object = parsed(line);
    const json::value* const id = object.if_contains("job");
    boost::system::error_code bad;
    const auto number = id != nullptr && id->is_number() ? id->to_number<std::uint64_t>(bad) : 0;
    if (number == 0 || bad) {
        return fail(Code::invalid, "job must be a job's number");
    }
    if (!jobs.cancel(number)) {
        return fail(Code::not_found, "no job " + std::to_string(number) + " is running");
    }
    return json::object{{"ok", true}};
}

}  // namespace

std::string jobs_json(const std::vector<JobView>& jobs) {
    return json::serialize(array_of(jobs));
}

Result<FilesRequest> files_request(std::string_view line) {
    const json::object object = parsed(line);
    auto type = text_of(object, "type", "model");
    auto repo = text_of(object, "repo", "");
    auto revision = text_of(object, "revision", "main");
    auto include = texts_of(object, "include");
    auto exclude = texts_of(object, "exclude");
    for (const auto* const one : {&type, &repo, &revision}) {
        if (!*one) {
            return std::unexpected(one->error());
        }
    }
    for (const auto* const list : {&include, &exclude}) {
        if (!*list) {
            return std::unexpected(list->error());
        }
    }
    const auto kind = repo_type_from(*type + "s");
    if (!kind) {
        return fail(Code::invalid, "type must be model or dataset");
    }
    if (!valid_repo_id(*repo)) {
        return fail(Code::invalid, "repo must be a repository's id, \"namespace/name\"");
    }
    return FilesRequest{.repo = {*kind, std::move(*repo)},
                        .revision = std::move(*revision),
                        .include = std::move(*include),
                        .exclude = std::move(*exclude)};
}

void add_job_ops(ControlOps& ops, Jobs& jobs, meta::Catalog& catalog, cache::BlockCache& cache) {
    ops.emplace("prefetch", [&](std::string_view line) {
        return answer_or_error(
            start_about("prefetch", line, jobs, [&](const FilesRequest& asked, JobRun& run) {
                return prefetch(catalog, cache, asked, run);
            }));
    });
    ops.emplace("verify", [&](std::string_view line) {
        return answer_or_error(start_verify(line, jobs, catalog, cache));
    });
    ops.emplace("evict", [&](std::string_view line) {
        return answer_or_error(
            start_about("evict", line, jobs, [&](const FilesRequest& asked, JobRun& run) {
                return evict(catalog, cache, asked, run);
            }));
    });
    ops.emplace("jobs", [&jobs](std::string_view) {
        return json::serialize(json::object{{"jobs", array_of(jobs.all())}});
    });
    ops.emplace("cancel",
                [&jobs](std::string_view line) { return answer_or_error(cancel_job(line, jobs)); });
}

}  // namespace hubfs::app
