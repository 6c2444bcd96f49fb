// SPDX-License-Identifier: Apache-2.0
#include "fs/app/job_ops.h"

#include <boost/json.hpp>
#include <functional>
#include <optional>
#include <utility>

#include "fs/app/limits.h"
#include "fs/app/pins.h"
#include "fs/app/prefetch.h"
#include "fs/app/transfer.h"
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
                        {"files_repaired", job.files_repaired},
                        {"bytes", job.bytes},
                        {"bytes_total", job.bytes_total}};
    if (!job.damaged.empty()) {
        object["damaged"] = json::array(job.damaged.begin(), job.damaged.end());
    }
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

Result<json::object> start_prefetch(std::string_view line, const JobParts& parts) {
    const json::object object = parsed(line);
    const json::value* const pin = object.if_contains("pin");
    if (pin != nullptr && !pin->is_bool()) {
        return fail(Code::invalid, "pin must be true or false");
    }
    const bool to_pin = pin != nullptr && pin->get_bool();
    return start_about(
        "prefetch", line, parts.jobs, [parts, to_pin](const FilesRequest& asked, JobRun& run) {
            const auto chosen = [&](const ChosenFiles& files) -> Status {
                return meta::PinTable(parts.database).put(pin_for(files, asked, parts.clock.now()));
            };
            return to_pin ? prefetch(parts.catalog, parts.cache, asked, chosen, run)
                          : prefetch(parts.catalog, parts.cache, asked, nullptr, run);
        });
}

Result<json::object> start_verify(std::string_view line, const JobParts& parts) {
    if (parsed(line).contains("repo")) {
        return start_about("verify", line, parts.jobs,
                           [parts](const FilesRequest& asked, JobRun& run) {
                               return verify(parts.catalog, parts.cache, asked, run);
                           });
    }
    return started(parts.jobs.start("verify", "everything", [parts](JobRun& run) {
        return verify(parts.catalog, parts.cache, std::nullopt, run);
    }));
}

Result<json::object> start_evict(std::string_view line, const JobParts& parts) {
    return start_about("evict", line, parts.jobs, [parts](const FilesRequest& asked, JobRun& run) {
        return evict(parts.catalog, parts.cache, asked, pinned_contents(parts.database), run);
    });
}

Result<std::string> dir_of(std::string_view line) {
    auto dir = text_of(parsed(line), "dir", "");
    return !dir || dir->starts_with('/') ? std::move(dir)
                                         : fail(Code::invalid, "dir must be an absolute path");
}

Result<json::object> start_export(std::string_view line, const JobParts& parts) {
    auto dir = dir_of(line);
    if (!dir) {
        return std::unexpected(std::move(dir.error()));
    }
    return start_about("export", line, parts.jobs,
                       [parts, dir = std::move(*dir)](const FilesRequest& asked, JobRun& run) {
                           return export_commit(parts.catalog, parts.cache, asked, dir, run);
                       });
}

Result<json::object> start_import(std::string_view line, const JobParts& parts) {
    auto dir = dir_of(line);
    if (!dir) {
        return std::unexpected(std::move(dir.error()));
    }
    return started(parts.jobs.start("import", *dir, [parts, dir = *dir](JobRun& run) {
        return import_dir(parts.database, parts.cache, parts.clock, dir, run);
    }));
}

json::array array_of(const std::vector<std::string>& texts) {
    return json::array(texts.begin(), texts.end());
}

Result<json::object> list_pins(const JobParts& parts) {
    const auto pins = meta::PinTable(parts.database).all();
    if (!pins) {
        return std::unexpected(pins.error());
    }
    json::array list;
    for (const meta::Pin& pin : *pins) {
        const auto commit = parts.catalog.commit_by_number(pin.row.commit);
        list.push_back(
            json::object{{"type", pin.repo.type == RepoType::model ? "model" : "dataset"},
                         {"repo", pin.repo.id},
                         {"revision", pin.revision},
                         {"commit", commit ? commit->id.hex() : std::string()},
                         {"since", to_text(pin.row.since)},
                         {"include", array_of(pin.row.include)},
                         {"exclude", array_of(pin.row.exclude)}});
    }
    return json::object{{"pins", std::move(list)}};
}

Result<json::object> unpin(std::string_view line, const JobParts& parts) {
    const auto request = files_request(line);
    if (!request) {
        return std::unexpected(request.error());
    }
    const auto gone = meta::PinTable(parts.database).erase(request->repo, request->revision);
    if (!gone) {
        return std::unexpected(gone.error());
    }
    return *gone ? Result<json::object>(json::object{{"ok", true}})
                 : fail(Code::not_found, name_of(*request) + " is not pinned");
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
    if (include->size() + exclude->size() > kPatternsMax) {
        return fail(Code::invalid, "more than " + std::to_string(kPatternsMax) + " patterns");
    }
    return FilesRequest{.repo = {*kind, std::move(*repo)},
                        .revision = std::move(*revision),
                        .include = std::move(*include),
                        .exclude = std::move(*exclude)};
}

void add_job_ops(ControlOps& ops, const JobParts& parts) {
    ops.emplace("prefetch", [parts](std::string_view line) {
        return answer_or_error(start_prefetch(line, parts));
    });
    ops.emplace("verify", [parts](std::string_view line) {
        return answer_or_error(start_verify(line, parts));
    });
    ops.emplace("evict", [parts](std::string_view line) {
        return answer_or_error(start_evict(line, parts));
    });
    ops.emplace("export", [parts](std::string_view line) {
        return answer_or_error(start_export(line, parts));
    });
    ops.emplace("import", [parts](std::string_view line) {
        return answer_or_error(start_import(line, parts));
    });
    ops.emplace("pins", [parts](std::string_view) { return answer_or_error(list_pins(parts)); });
    ops.emplace("unpin",
                [parts](std::string_view line) { return answer_or_error(unpin(line, parts)); });
    ops.emplace("jobs", [parts](std::string_view) {
        return json::serialize(json::object{{"jobs", array_of(parts.jobs.all())}});
    });
    ops.emplace("cancel", [parts](std::string_view line) {
        return answer_or_error(cancel_job(line, parts.jobs));
    });
}

}  // namespace hubfs::app
