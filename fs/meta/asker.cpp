// SPDX-License-Identifier: Apache-2.0
#include "fs/meta/asker.h"

#include <utility>
#include <variant>

#include "fs/base/log.h"
#include "fs/hub/json.h"
#include "fs/meta/freshness.h"
#include "fs/meta/target.h"

namespace hubfs::meta {

namespace {

// What an answer says besides being a document.
using Sayings = std::variant<std::monostate, Facts, std::vector<hub::Ref>>;

Result<Sayings> sayings_of(const Target& about, const AnswerView& answer) {
    if (about.kind == Target::Kind::info) {
        auto facts = facts_of(about, answer);
        return facts ? Result<Sayings>(std::move(*facts)) : std::unexpected(facts.error());
    }
    if (about.kind == Target::Kind::refs && answer.status == 200) {
        auto refs = hub::parse_refs(answer.body);
        return refs ? Result<Sayings>(std::move(*refs)) : std::unexpected(refs.error());
    }
    return Sayings{};
}

bool inside(const Target& about) {
    return about.kind != Target::Kind::info && !about.repo.id.empty();
}

// Nothing to store where the answer is about no repository.
Result<std::vector<StateChange>> store_sayings(WriteTxn& txn, const std::optional<Target>& subject,
                                               const Sayings& sayings, Instant now, How how) {
    if (!subject) {
        return std::vector<StateChange>{};
    }
    const Target& about = *subject;
    if (const Facts* facts = std::get_if<Facts>(&sayings)) {
        return store_facts(txn, {*facts, now, how});
    }
    if (const auto* refs = std::get_if<std::vector<hub::Ref>>(&sayings)) {
        if (Status stored = store_refs(txn, about.repo, *refs, now, how); !stored) {
            return std::unexpected(std::move(stored.error()));
        }
    }
    return std::vector<StateChange>{};
}

// The same question with the repository's own name, when that is another.
std::optional<std::string> canonical_target(std::string_view target, const Target& about,
                                            const Sayings& sayings) {
    const Facts* facts = std::get_if<Facts>(&sayings);
    if (facts == nullptr || facts->canonical == facts->asked) {
        return std::nullopt;
    }
    const std::size_t before = info_target(about.repo).size() - about.repo.id.size();
    return std::string(target).replace(before, about.repo.id.size(), facts->canonical.id);
}

}  // namespace

// Between the caller's look into the store and now somebody else's question may have ended.
DocumentPtr Asker::answered_since(const std::string& target, Instant looked) const {
    if (parts_.config.document.count() == 0 || parts_.config.ref.count() == 0) {
        return nullptr;  // every use is to be asked for
    }
    auto document = parts_.database.read([&](const ReadTxn& txn) -> Result<Document> {
        auto found = find_document(txn, target);
        if (!found || !*found || (*found)->row.checked < looked) {
            return fail(Code::not_found, "not asked since");
        }
        return load_document(txn, (*found)->number, (*found)->row.version);
    });
    if (!document) {
        return nullptr;
    }
    document->fresh.expires =
        expires_at(document->fresh.checked, document_lifetime(parts_.config, document->status));
    return std::make_shared<const Document>(std::move(*document));
}

void Asker::ask(const std::string& target, Instant looked, Patience patience,
                Done<DocumentPtr> done) {
    std::optional<Error> refusal;
    if (ended_) {
        refusal = Error{Code::cancelled, "the catalogue is ending"};
    } else if (parts_.config.offline) {
        refusal = Error{Code::offline, "upstream.offline is set"};
    } else {
        refusal = failed_lately(target);
    }
    SingleFlight<DocumentPtr>::Joined joined;
    if (!refusal) {
        joined = flights_.join(target, done, std::chrono::steady_clock::now());
        if (joined.full) {
            refusal = Error{Code::rate_limited, "too many questions to upstream are under way"};
        }
    }
    if (refusal) {
        if (done) {
            done(std::unexpected(std::move(*refusal)));
        }
        return;
    }
    if (joined.first) {
        if (DocumentPtr answer = answered_since(target, looked)) {
            flights_.end(target, std::move(answer));
            return;
        }
        ++stats_.asked;
        send(target, true);
    } else {
        ++stats_.joined;
    }
    if (patience) {
        // Counted from when the question was asked: nobody waits again for one that hangs.
        const auto wait = joined.since + *patience - std::chrono::steady_clock::now();
        parts_.executor.after(
            std::max<std::chrono::nanoseconds>(wait, std::chrono::nanoseconds::zero()),
            [this, target, ticket = joined.ticket] {
                if (auto waiter = flights_.leave(target, ticket)) {
                    ++stats_.impatient;
                    (*waiter)(fail(Code::timed_out, "upstream has not answered in time"));
                }
            });
    }
}

void Asker::send(const std::string& target, bool conditional) {
    upstream::ApiRequest request;
    request.target = target;
    request.body_max_bytes = kDocumentMaxBytes;
    if (conditional) {
        const auto found =
            parts_.database.read([&](const ReadTxn& txn) { return find_document(txn, target); });
        if (found && *found && (*found)->row.status == 200) {
            request.if_none_match = (*found)->row.etag;
        }
    }
    parts_.source.api(
        std::move(request), [this, life = parts_.executor.lifetime(),
                             target = target](Result<upstream::ApiResponse> response) mutable {
            if (const auto inside = life->enter()) {
                parts_.executor.run(
                    [this, target = std::move(target), response = std::move(response)]() mutable {
                        received(target, std::move(response));
                    });
            }
        });
}

void Asker::received(const std::string& target, Result<upstream::ApiResponse> response) {
    const auto about = parse_target(target);
    if (!response) {
        failed(target, about, std::move(response.error()));
    } else if (response->status == 304) {
        confirmed(target, about);
    } else if (Status kept = check_document(*response); !kept) {
        if (about && inside(*about) && doubts_repo(view_of(*response))) {
            recheck(revision_target(about->repo, "main"), [](const auto&) {});
        }
        misunderstood(target, about, std::move(kept.error()));
    } else {
        answered(target, about, *response);
    }
}

void Asker::confirmed(const std::string& target, const std::optional<Target>& about) {
    const auto known = parts_.database.read([&](const ReadTxn& txn) -> Result<Document> {
        auto found = find_document(txn, target);
        if (!found || !*found) {
            return fail(Code::stale, "evicted");
        }
        return load_document(txn, (*found)->number, (*found)->row.version);
    });
    if (!known) {
        send(target, false);  // it went while we asked: once more, for the body
        return;
    }
    auto sayings = about ? sayings_of(*about, view_of(*known)) : Sayings{};
    if (!sayings) {
        return misunderstood(target, about, std::move(sayings.error()));
    }
    const Instant now = parts_.clock.now();
    auto result = parts_.database.write([&](WriteTxn& txn) -> Result<Stored> {
        auto document = confirm_document(txn, target, now);
        if (!document) {
            return std::unexpected(std::move(document.error()));
        }
        auto changes = store_sayings(txn, about, *sayings, now, How::revalidated);
        if (!changes) {
            return std::unexpected(std::move(changes.error()));
        }
        return Stored{std::move(*document), std::move(*changes)};
    });
    if (!result) {
        return failed(target, about, std::move(result.error()));
    }
    ++stats_.revalidated;
    stored(target, about, std::move(*result));
}

void Asker::answered(const std::string& target, const std::optional<Target>& about,
                     const upstream::ApiResponse& response) {
    auto sayings = about ? sayings_of(*about, view_of(response)) : Sayings{};
    if (!sayings) {
        return misunderstood(target, about, std::move(sayings.error()));
    }
    // "No such repository" of something in one that is there: whether it still is will be known
    // soon.
    if (about && inside(*about) && response.status == 401 && known_open(about->repo) &&
        inside_error(view_of(response)).code == Code::protocol) {
        recheck(about->repo);
        return misunderstood(target, about, inside_error(view_of(response)));
    }
    const auto canonical = about ? canonical_target(target, *about, *sayings) : std::nullopt;
    const Instant now = parts_.clock.now();
    const std::uint64_t quota = parts_.config.documents_bytes;
    auto result = parts_.database.write([&](WriteTxn& txn) -> Result<Stored> {
        if (canonical) {
            if (auto twin = store_document(txn, {*canonical, response, now, quota}); !twin) {
                return std::unexpected(std::move(twin.error()));
            }
        }
        auto document = store_document(txn, {target, response, now, quota});
        if (!document) {
            return std::unexpected(std::move(document.error()));
        }
        auto changes = store_sayings(txn, about, *sayings, now, How::fetched);
        if (!changes) {
            return std::unexpected(std::move(changes.error()));
        }
        return Stored{std::move(*document), std::move(*changes)};
    });
    if (!result) {
        return failed(target, about, std::move(result.error()));
    }
    ++stats_.fetched;
    if (about && inside(*about) && doubts_repo(view_of(response))) {
        recheck(about->repo);
    }
    stored(target, about, std::move(*result));
}

void Asker::stored(const std::string& target, const std::optional<Target>& about, Stored result) {
    failures_.with([&](auto& failures) { failures.erase(target); });
    if (about) {
        note(about->repo, nullptr);
    }
    for (const StateChange& change : result.changes) {
        parts_.on_change(change);
    }
    result.document.fresh.expires = expires_at(
        result.document.fresh.checked, document_lifetime(parts_.config, result.document.status));
    flights_.end(target, std::make_shared<const Document>(std::move(result.document)));
}

void Asker::failed(const std::string& target, const std::optional<Target>& about, Error error) {
    ++stats_.failed;
    if (upstream_failed(error.code)) {
        const Steady until = parts_.clock.steady() + kFailureMemory;
        failures_.with([&](auto& failures) {
            if (failures.size() >= kFailuresMax) {
                failures.clear();  // forgetting one costs one question
            }
            failures.insert_or_assign(target, Failure{until, error});
        });
    }
    if (about) {
        note(about->repo, &error);
    }
    flights_.end(target, std::unexpected(std::move(error)));
}

void Asker::misunderstood(const std::string& target, const std::optional<Target>& about,
                          Error error) {
    const std::string path(path_of(target));
    if (log_limit_.due(path, parts_.clock.steady())) {
        log::warn("upstream_answer", {{"path", path}, {"reason", error.message}});
    }
    failed(target, about, std::move(within(path, std::move(error)).error()));
}

std::optional<Error> Asker::failed_lately(const std::string& target) const {
    const Steady now = parts_.clock.steady();
    return failures_.with([&](const auto& failures) -> std::optional<Error> {
        const auto found = failures.find(target);
        if (found == failures.end() || found->second.until <= now) {
            return std::nullopt;
        }
        return found->second.error;
    });
}

void Asker::recheck(const RepoKey& repo) {
    const std::string target = revision_target(repo, "main");
    failures_.with([&](auto& failures) { failures.erase(target); });
    ask(target, Instant::max(), std::nullopt, {});
}

void Asker::recheck(const std::string& target, Done<DocumentPtr> done) {
    const bool lately = rechecked_.with([&](const auto& ended) {
        const auto found = ended.find(target);
        return found != ended.end() && parts_.clock.steady() < found->second + kFailureMemory;
    });
    if (lately) {
        return done(nullptr);
    }
    failures_.with([&](auto& failures) { failures.erase(target); });
    ask(target, Instant::max(), std::nullopt,
        [this, target, done = std::move(done)](Result<DocumentPtr> answer) mutable {
            rechecked_.with([&](auto& ended) {
                if (ended.size() >= kFailuresMax) {
                    ended.clear();
                }
                ended.insert_or_assign(target, parts_.clock.steady());
            });
            done(std::move(answer));
        });
}

bool Asker::known_open(const RepoKey& repo) const {
    const auto found =
        parts_.database.read([&](const ReadTxn& txn) { return find_repo(txn, repo); });
    return found && *found && (*found)->row.state == hub::RepoState::open;
}

std::string Asker::last_error(const RepoKey& repo) const {
    return last_errors_.with([&](const auto& errors) {
        const auto found = errors.find(repo);
        return found == errors.end() ? std::string() : found->second;
    });
}

void Asker::note(const RepoKey& repo, const Error* error) {
    if (repo.id.empty()) {
        return;
    }
    last_errors_.with([&](auto& errors) {
        if (error == nullptr) {
            errors.erase(repo);
            return;
        }
        if (errors.size() >= kLastErrorsMax) {
            errors.clear();
        }
        errors.insert_or_assign(repo, proxy_status_word(*error));
    });
}

void Asker::end() {
    ended_ = true;
    flights_.end_all({Code::cancelled, "the catalogue is ending"});
}

}  // namespace hubfs::meta
