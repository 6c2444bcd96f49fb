// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/tree_fetcher.h"

#include <utility>

#include "fs/base/log.h"
#include "fs/hub/json.h"
#include "fs/meta/facts.h"
#include "fs/meta/target.h"
#include "fs/meta/tree_store.h"

namespace hubfs::meta {

struct TreeFetcher::Job {
    std::string key;
    RepoKey repo;
    std::uint32_t number = 0;
    CommitId id;
    std::string target;      // of the page asked for
    std::string first_path;  // the only paths that a Link may lead to
    std::string final_path;
    bool with_token = true;
    std::size_t pages = 0;
    TreeBuilder builder;
};

namespace {

std::string key_of(const RepoKey& repo, const CommitId& id) {
    return std::string(plural(repo.type)) + "/" + repo.id + "@" + id.hex();
}

}  // namespace

void TreeFetcher::fetch(const RepoKey& repo, std::uint32_t number, const CommitId& id,
                        Done<CommitView> done) {
    const std::string key = key_of(repo, id);
    if (ended_) {
        done(fail(Code::cancelled, "the catalogue is ending"));
        return;
    }
    if (parts_.config.offline) {
        done(fail(Code::offline, "upstream.offline is set"));
        return;
    }
    const auto joined = flights_.join(key, done, std::chrono::steady_clock::now());
    if (joined.full) {
        done(fail(Code::rate_limited, "too many trees are being fetched"));
    } else if (joined.first) {
        // Another fetch may have ended between the caller's look into the store and now.
        auto stored =
            parts_.database.read([&](const ReadTxn& txn) { return find_commit(txn, number, id); });
        if (stored && *stored) {
            flights_.end(key, std::move(**stored));
            return;
        }
        auto job = std::make_shared<Job>();
        job->key = key;
        job->repo = repo;
        job->number = number;
        job->id = id;
        job->target = tree_target(repo, id);
        job->first_path = job->final_path = path_of(job->target);
        const std::string target = job->target;
        ask(std::move(job), target, true, &TreeFetcher::page);
    }
}

std::optional<Error> TreeFetcher::refused(const RepoKey& repo, const CommitId& id) const {
    const Steady now = parts_.clock.steady();
    return refusals_.with([&](const auto& refusals) -> std::optional<Error> {
        const auto found = refusals.find(key_of(repo, id));
        return found != refusals.end() && now < found->second.until
                   ? std::optional(found->second.error)
                   : std::nullopt;
    });
}

void TreeFetcher::ask(JobPtr job, const std::string& target, bool with_token,
                      void (TreeFetcher::*then)(const JobPtr&, Result<upstream::ApiResponse>)) {
    upstream::ApiRequest request;
    request.target = target;
    request.body_max_bytes = kTreePageMaxBytes;
    request.with_token = with_token;
    parts_.source.api(
        std::move(request), [this, life = parts_.executor.lifetime(), job = std::move(job),
                             then](Result<upstream::ApiResponse> response) mutable {
            if (const auto inside = life->enter()) {
                parts_.executor.run(
                    [this, job = std::move(job), then, response = std::move(response)]() mutable {
                        (this->*then)(job, std::move(response));
                    });
            }
        });
}

void TreeFetcher::page(const JobPtr& job, Result<upstream::ApiResponse> response) {
    if (!response) {
        return give_up(job, std::move(response.error()));
    }
    if ((response->status == 401 || response->status == 403) && job->with_token) {
        job->with_token = false;  // the operator's token may be the one that is refused
        return ask(job, job->target, false, &TreeFetcher::page);
    }
    if (response->status != 200) {
        return not_given(job, view_of(*response));
    }
    const auto entries = hub::parse_tree_page(response->body);
    if (!entries) {
        if (entries.error().code == Code::gated) {
            parts_.doubt(job->repo);
            return give_up(job, entries.error());
        }
        return misunderstood(job, entries.error());
    }
    ++pages_;
    ++job->pages;
    if (job->pages == 1 && !response->final_target.empty()) {
        job->final_path = path_of(response->final_target);
    }
    const auto next = next_of(*job, *response);
    Status added = next ? job->builder.add(*entries) : std::unexpected(next.error());
    if (!added) {
        return misunderstood(job, added.error());
    }
    if (!*next) {
        return find_date(job);
    }
    job->target = **next;
    ask(job, job->target, job->with_token, &TreeFetcher::page);
}

Result<std::optional<std::string>> TreeFetcher::next_of(
    const Job& job, const upstream::ApiResponse& response) const {
    auto next = next_page(response.link);
    if (!next) {
        return next;
    }
    // A Hub below a path of its host (upstream.url) puts that path in front of what we ask for.
    const auto size = path_of(*next).size();
    for (const std::string& path : {job.first_path, job.final_path}) {
        if (path_of(*next).ends_with(path)) {
            next->erase(0, size - path.size());
            break;
        }
    }
    const std::string_view path = path_of(*next);
    if ((path != job.first_path && path != job.final_path) || *next == job.target) {
        return fail(Code::protocol, "the tree's next page is elsewhere");
    }
    if (job.pages >= kTreePagesMax) {
        return fail(Code::protocol, "the tree has too many pages");
    }
    return next;
}

// The date of the commit is in no listing. Where main is known to point here its answer had it.
void TreeFetcher::find_date(const JobPtr& job) {
    const auto main = parts_.database.read([&](const ReadTxn& txn) {
        return txn.row<RefRow>(Table::refs, ref_key(job->number, "main"));
    });
    if (main && *main && (*main)->commit == job->id && (*main)->date) {
        return store(job, *(*main)->date);
    }
    ask(job, commit_target(job->repo, job->id), job->with_token, &TreeFetcher::commits_page);
}

void TreeFetcher::commits_page(const JobPtr& job, Result<upstream::ApiResponse> response) {
    if (!response) {
        return give_up(job, std::move(response.error()));
    }
    if (response->status != 200) {
        return ask(job, revision_target(job->repo, job->id.hex()), false, &TreeFetcher::revision);
    }
    const auto date = hub::parse_commit_date(response->body, job->id);
    if (!date) {  // a page of something else: the revision's own answer knows
        return ask(job, revision_target(job->repo, job->id.hex()), false, &TreeFetcher::revision);
    }
    store(job, *date);
}

void TreeFetcher::revision(const JobPtr& job, Result<upstream::ApiResponse> response) {
    if (!response) {
        return give_up(job, std::move(response.error()));
    }
    if (response->status != 200) {
        return not_given(job, view_of(*response));
    }
    const auto info = hub::parse_info(response->body);
    if (!info || !info->last_modified) {
        return misunderstood(job,
                             info ? Error{Code::protocol, "the commit has no date"} : info.error());
    }
    store(job, *info->last_modified);
}

void TreeFetcher::store(const JobPtr& job, Instant date) {
    const auto rows = job->builder.finish();
    if (!rows) {
        return give_up(job, rows.error());
    }
    auto commit =
        store_commit(parts_.database, {job->number, job->id, date, parts_.clock.now()}, *rows);
    if (!commit) {
        return give_up(job, std::move(commit.error()));
    }
    ++trees_;
    parts_.note(job->repo, nullptr);
    flights_.end(job->key, std::move(*commit));
}

void TreeFetcher::not_given(const JobPtr& job, const AnswerView& answer) {
    Error error = inside_error(answer);
    if (error.code == Code::protocol) {
        return parts_.explain(job->repo, [this, job](Error why) {
            why.code == Code::protocol ? misunderstood(job, why) : give_up(job, std::move(why));
        });
    }
    if (doubts_repo(answer)) {
        parts_.doubt(job->repo);
    }
    give_up(job, std::move(error));
}

void TreeFetcher::give_up(const JobPtr& job, Error error) {
    const bool absent = error.code == Code::not_found;
    if (absent || upstream_failed(error.code)) {
        const auto memory = absent ? parts_.config.absent : kFailureMemory;
        const Steady until = parts_.clock.steady() + memory;
        refusals_.with([&](auto& refusals) {
            if (refusals.size() >= kRefusedCommitsMax) {
                refusals.clear();  // forgetting one costs one question
            }
            refusals.insert_or_assign(job->key, Refusal{until, error});
        });
    }
    if (!absent && error.code != Code::gated && error.code != Code::denied) {
        parts_.note(job->repo, &error);
    }
    flights_.end(job->key, std::unexpected(std::move(error)));
}

void TreeFetcher::misunderstood(const JobPtr& job, const Error& error) {
    if (log_limit_.due(job->key, parts_.clock.steady())) {
        log::warn("upstream_answer", {{"path", path_of(job->target)}, {"reason", error.message}});
    }
    give_up(job, error);
}

void TreeFetcher::end() {
    ended_ = true;
    flights_.end_all({Code::cancelled, "the catalogue is ending"});
}

}  // namespace hubfs::meta
