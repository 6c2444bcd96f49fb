// SPDX-License-Identifier: Apache-2.0
#include "fs/app/follow_ops.h"

#include <boost/json.hpp>
#include <utility>

#include "fs/app/job_ops.h"

namespace hubfs::app {

namespace {

namespace json = boost::json;

json::array patterns_of(const std::vector<std::string>& texts) {
    return json::array(texts.begin(), texts.end());
}

json::object object_of(const FollowView& view, const meta::Catalog& catalog) {
    const meta::Follow& follow = view.follow;
    json::object object{{"type", follow.repo.type == RepoType::model ? "model" : "dataset"},
                        {"repo", follow.repo.id},
                        {"revision", follow.revision},
                        {"since", to_text(follow.row.since)},
                        {"include", patterns_of(follow.row.include)},
                        {"exclude", patterns_of(follow.row.exclude)},
                        {"running", view.running}};
    const auto put_commit = [&](std::string_view name, std::uint32_t number) {
        if (number == 0) {
            return;
        }
        if (const auto commit = catalog.commit_by_number(number)) {
            object[name] = commit->id.hex();
        }
    };
    put_commit("commit", follow.row.complete);
    put_commit("coming", follow.row.coming);
    if (follow.row.complete != 0) {
        object["completed"] = to_text(follow.row.completed);
    }
    if (view.asked) {
        object["asked"] = to_text(*view.asked);
    }
    if (view.job != 0) {
        object["job"] = view.job;
    }
    if (!view.error.empty()) {
        object["error"] = view.error;
    }
    return object;
}

std::string follow(std::string_view line, Follower& follower) {
    const auto request = files_request(line);
    if (!request) {
        return control_error(request.error().message);
    }
    const auto job = follower.add(*request);
    if (job) {
        return json::serialize(json::object{{"job", *job}});
    }
    return control_error(job.error().code == Code::rate_limited
                             ? "it is followed, and begins when there is room: " +
                                   job.error().message
                             : job.error().message);
}

std::string unfollow(std::string_view line, Follower& follower) {
    const auto request = files_request(line);
    if (!request) {
        return control_error(request.error().message);
    }
    const auto gone = follower.remove(request->repo, request->revision);
    if (!gone) {
        return control_error(gone.error().message);
    }
    return *gone ? R"({"ok":true})" : control_error(name_of(*request) + " is not followed");
}

}  // namespace

std::string follows_json(const std::vector<FollowView>& follows, const meta::Catalog& catalog) {
    json::array list;
    for (const FollowView& view : follows) {
        list.push_back(object_of(view, catalog));
    }
    return json::serialize(json::object{{"follows", std::move(list)}});
}

void add_follow_ops(ControlOps& ops, Follower& follower, const meta::Catalog& catalog) {
    ops.emplace("follow", [&follower](std::string_view line) { return follow(line, follower); });
    ops.emplace("unfollow",
                [&follower](std::string_view line) { return unfollow(line, follower); });
    ops.emplace("follows", [&follower, &catalog](std::string_view) {
        const auto follows = follower.all();
        return follows ? follows_json(*follows, catalog) : control_error(follows.error().message);
    });
}

}  // namespace hubfs::app
