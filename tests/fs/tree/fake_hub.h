// SPDX-License-Identifier: Apache-2.0
// Repositories on a FakeSource, told by what they are: every target that the catalogue may ask
// about them is answered as the Hub would. Changing one republishes all of its answers.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fs/hub/json.h"
#include "fs/meta/target.h"
#include "tests/support/fake_source.h"

namespace hubfs::test {

class FakeHub {
public:
    explicit FakeHub(FakeSource& source) : source_(source) {}

    struct Repo {
        std::string id;
        hub::RepoState state = hub::RepoState::open;
        std::map<std::string, CommitId> branches;
        std::map<std::string, CommitId> tags;
        std::map<std::string, CommitId> unlisted;  // pull requests, conversions, short hashes
        std::map<CommitId, std::vector<hub::TreeEntry>> commits;
    };

    // The repository by the name asked (another one than its id: an old name). publish() must
    // follow every change. What is not said about a repository is a revision it does not have.
    Repo& repo(const RepoKey& asked) { return repos_[asked]; }

    void publish() {
        std::vector<std::string> there;
        for (const auto& [asked, repo] : repos_) {
            publish(asked, repo);
            if (repo.state != hub::RepoState::gone) {
                there.push_back(meta::info_target(asked) + "/");
            }
        }
        source_.set_default_api(
            [there](const upstream::ApiRequest& request) -> Result<upstream::ApiResponse> {
                const bool known = std::ranges::any_of(there, [&](const std::string& prefix) {
                    return request.target.starts_with(prefix);
                });
                upstream::ApiResponse response;
                response.status = 404;
                response.final_target = request.target;
                response.error_code = known ? "RevisionNotFound" : "RepoNotFound";
                response.error_message = known ? "Invalid rev id" : "Repository not found";
                return response;
            });
    }
    // Every question from now on fails so, until publish().
    void fail(Code code) {
        for (const auto& [target, body] : published_) {
            source_.set_api(target, Error{code, "fake"});
        }
        source_.set_default_api(
            [code](const upstream::ApiRequest&) -> Result<upstream::ApiResponse> {
                return hubfs::fail(code, "fake");
            });
    }
    void answer(const std::string& target, const std::string& body, std::string link = {}) {
        published_[target] = body;
        source_.set_json(target, body, std::move(link));
    }
    void missing(const std::string& target, const std::string& code, int status) {
        published_[target] = {};
        source_.set_missing(target, code, status);
    }

private:
    static std::string quoted(const std::string& text) { return "\"" + text + "\""; }

    static std::string info(const Repo& repo, const CommitId& sha) {
        using enum hub::RepoState;
        const auto flag = [&](hub::RepoState state) {
            return std::string(repo.state == state ? "true" : "false");
        };
        return "{\"id\":" + quoted(repo.id) + ",\"private\":" + flag(private_) +
               ",\"gated\":" + (repo.state == gated ? "\"auto\"" : "false") +
               ",\"disabled\":" + flag(disabled) + ",\"sha\":" + quoted(sha.hex()) +
               ",\"lastModified\":\"2023-11-14T22:13:20.000Z\"}";
    }
    static std::string refs_of(const std::map<std::string, CommitId>& refs,
                               const std::string& prefix) {
        std::string list;
        for (const auto& [name, commit] : refs) {
            list += (list.empty() ? "" : ",") + std::string("{\"name\":") + quoted(name) +
                    ",\"ref\":" + quoted(prefix + name) +
                    ",\"targetCommit\":" + quoted(commit.hex()) + "}";
        }
        return "[" + list + "]";
    }
    // The names that lead to commits, with those of branches before those of tags.
    static std::map<std::string, CommitId> revisions(const Repo& repo) {
        auto all = repo.branches;
        all.insert(repo.tags.begin(), repo.tags.end());
        all.insert(repo.unlisted.begin(), repo.unlisted.end());
        return all;
    }

    void publish(const RepoKey& asked, const Repo& repo) {
        const auto all = revisions(repo);
        if (repo.state == hub::RepoState::gone) {
            for (const auto& target : {meta::info_target(asked), meta::refs_target(asked),
                                       meta::revision_target(asked, "main")}) {
                missing(target, "RepoNotFound", 404);
            }
            return;
        }
        const auto main = all.find("main");
        answer(meta::info_target(asked), info(repo, main == all.end() ? CommitId{} : main->second));
        if (main == all.end()) {
            missing(meta::revision_target(asked, "main"), "RevisionNotFound", 404);
        }
        for (const auto& [name, commit] : all) {
            answer(meta::revision_target(asked, name), info(repo, commit));
        }
        answer(meta::refs_target(asked), "{\"branches\":" + refs_of(repo.branches, "refs/heads/") +
                                             ",\"tags\":" + refs_of(repo.tags, "refs/tags/") +
                                             ",\"converts\":[]}");
        for (const auto& [commit, entries] : repo.commits) {
            std::string items;
            for (const auto& entry : entries) {
                items += (items.empty() ? "" : ",") + hub::to_json(entry);
            }
            answer(meta::tree_target(asked, commit), "[" + items + "]");
            answer(meta::commit_target(asked, commit),
                   "[{\"id\":" + quoted(commit.hex()) +
                       ",\"title\":\"x\",\"date\":\"2023-11-14T22:13:20.000Z\"}]");
        }
    }

    FakeSource& source_;
    std::map<RepoKey, Repo> repos_;
    std::map<std::string, std::string> published_;
};

}  // namespace hubfs::test
