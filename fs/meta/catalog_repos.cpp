// SPDX-License-Identifier: Apache-2.0
// Repositories and refs: both live off the document /api/{type}/{id}/revision/{name}, so that one
// request tells the commit, the state and the date, and is a document for httpd as well.
#include <algorithm>
#include <utility>

#include "fs/hub/json.h"
#include "fs/meta/catalog_impl.h"
#include "fs/meta/target.h"
#include "fs/meta/tree_store.h"

namespace hubfs::meta {

namespace {

constexpr std::string_view kMain = "main";

// When the commit that main points to was made, where an answer said so or its tree is here.
Result<std::optional<Instant>> date_of_main(const ReadTxn& txn, std::uint32_t repo) {
    auto main = txn.row<RefRow>(Table::refs, ref_key(repo, kMain));
    if (!main) {
        return std::unexpected(std::move(main.error()));
    }
    if (!*main || (*main)->date) {
        return *main ? (*main)->date : std::nullopt;
    }
    auto commit = find_commit(txn, repo, (*main)->commit);
    if (!commit) {
        return std::unexpected(std::move(commit.error()));
    }
    return *commit ? std::optional((*commit)->date) : std::nullopt;
}

// Whether the name is a branch or a tag: it is in the Hub's listing, or it was asked for and is
// neither under refs/ (pull requests, conversions) nor a hash, whole or short.
bool branch_or_tag(const std::string& name, const RefRow& row) {
    return !name.starts_with("refs/") &&
           (row.listed || (!CommitId::from_hex(name) && !row.commit.hex().starts_with(name)));
}

bool about_revision(const Error& error) {
    return error.code == Code::not_found && error.message == "no such revision";
}

}  // namespace

// Why this name is known to be absent, from a kept answer of upstream that is still fresh.
// repo_only: a missing revision does not count.
Result<std::optional<Error>> CatalogImpl::look_absence(const ReadTxn& txn,
                                                       const std::string& target,
                                                       bool repo_only) const {
    auto found = find_document(txn, target);
    if (!found) {
        return std::unexpected(std::move(found.error()));
    }
    if (!*found || (*found)->row.status == 200) {
        return std::optional<Error>{};
    }
    const DocumentRow& row = (*found)->row;
    if (judge(clock_.now(), row.checked, document_lifetime(config_, row.status)) !=
        Verdict::fresh) {
        return std::optional<Error>{};
    }
    auto document = load_document(txn, (*found)->number, row.version);
    if (!document) {
        return std::unexpected(std::move(document.error()));
    }
    Error why = answer_error(view_of(*document));
    if (why.code == Code::protocol) {
        return std::optional<Error>{};  // no absence
    }
    if (repo_only && about_revision(why)) {
        return std::optional<Error>{};
    }
    return std::optional(std::move(why));
}

Result<CatalogImpl::RepoLook> CatalogImpl::look_repo(const RepoKey& key) const {
    RepoLook look;
    look.at = clock_.now();
    Status looked = database_.read([&](const ReadTxn& txn) -> Status {
        auto found = find_repo(txn, key);
        if (!found) {
            return std::unexpected(std::move(found.error()));
        }
        if (*found) {
            const RepoRow& row = (*found)->row;
            const Lifespan lifespan = repo_lifetime(config_, row.state);
            look.verdict = judge(look.at, (*found)->checked, lifespan);
            look.number = row.number;
            look.no_main = row.no_main;
            look.value = RepoView{(*found)->key,
                                  row.state,
                                  freshness((*found)->checked, row.how, lifespan, look.verdict),
                                  {},
                                  {}};
            auto date = date_of_main(txn, row.number);
            if (!date) {
                return std::unexpected(std::move(date.error()));
            }
            look.value->date = *date;
            return {};
        }
        for (const std::string& target : {revision_target(key, kMain), info_target(key)}) {
            auto absence = look_absence(txn, target, true);
            if (!absence) {
                return std::unexpected(std::move(absence.error()));
            }
            if (*absence) {
                look.no = std::move(*absence);
                return {};
            }
        }
        return {};
    });
    if (!looked) {
        return std::unexpected(std::move(looked.error()));
    }
    if (look.value) {
        look.value->last_error = asker_.last_error(look.value->key);
    }
    return look;
}

std::optional<RepoView> CatalogImpl::known_repo(const RepoKey& key) const {
    if (!valid_repo_id(key.id)) {
        return std::nullopt;
    }
    auto look = look_repo(key);
    return look ? std::move(look->value) : std::nullopt;
}

void CatalogImpl::repo(RepoKey key, Done<RepoView> done) {
    answer_repo(key, false, std::move(done));
}

void CatalogImpl::guess_repo(RepoKey key, Done<RepoView> done) {
    answer_repo(key, true, std::move(done));
}

void CatalogImpl::answer_repo(const RepoKey& key, bool guess, Done<RepoView> done) {
    if (!valid_repo_id(key.id)) {
        return done(fail(Code::not_found, "not a repository's id"));
    }
    auto look = look_repo(key);
    if (!look) {
        return done(std::unexpected(std::move(look.error())));
    }
    if (look->no) {
        ++hits_;
        return done(std::unexpected(std::move(*look->no)));
    }
    if (look->value && look->verdict == Verdict::fresh) {
        ++hits_;
        return done(std::move(*look->value));
    }
    std::string target = look->no_main ? info_target(key) : revision_target(key, kMain);
    ask_repo(key, std::move(target), std::move(*look), guess, std::move(done));
}

void CatalogImpl::ask_repo(const RepoKey& key, std::string target, RepoLook look, bool guess,
                           Done<RepoView> done) {
    const Instant at = look.at;
    const Patience wait = guess ? Patience(config_.wait) : patience(look.verdict);
    asker_.ask(target, at, wait,
               [this, key, target, look = std::move(look), guess,
                done = std::move(done)](Result<DocumentPtr> answer) mutable {
                   asked_repo(key, target, std::move(look), guess, std::move(answer),
                              std::move(done));
               });
}

void CatalogImpl::asked_repo(const RepoKey& key, const std::string& target, RepoLook look,
                             bool guess, Result<DocumentPtr> answer, Done<RepoView> done) {
    if (!answer) {
        if (look.value && look.verdict == Verdict::usable) {
            ++stale_;
            look.value->last_error = asker_.last_error(look.value->key);
            return done(std::move(*look.value));
        }
        return done(std::unexpected(std::move(answer.error())));
    }
    const bool asked_main = target != info_target(key);
    if ((*answer)->status != 200 && asked_main && about_revision(answer_error(view_of(**answer)))) {
        return ask_repo(key, info_target(key), std::move(look), guess, std::move(done));
    }
    auto now = look_repo(key);
    if (!now) {
        return done(std::unexpected(std::move(now.error())));
    }
    if (now->value) {
        // Whatever its lifetime: upstream has just said so.
        now->value->fresh.how = (*answer)->fresh.how;
        return done(std::move(*now->value));
    }
    done(std::unexpected((*answer)->status == 200
                             ? Error{Code::protocol, "upstream's answer names another repository"}
                             : answer_error(view_of(**answer))));
}

// A ref lives no longer than what is known of its repository's state.
Status CatalogImpl::look_ref_row(const ReadTxn& txn, const FoundRepo& repo,
                                 Look<RefView>& look) const {
    const Lifespan state_span = repo_lifetime(config_, repo.row.state);
    const Verdict state_verdict = judge(look.at, repo.checked, state_span);
    if (repo.row.state != hub::RepoState::open) {
        look.no = state_error(repo.row.state);
        look.verdict = state_verdict;
        return {};
    }
    auto row = txn.row<RefRow>(Table::refs, ref_key(repo.row.number, look.value->name));
    if (!row || !*row) {
        look.value.reset();
        return row ? Status{} : std::unexpected(std::move(row.error()));
    }
    const Lifespan span = ref_lifetime(config_);
    look.verdict = std::max(state_verdict, judge(look.at, (*row)->checked, span));
    look.value->commit = (*row)->commit;
    look.value->fresh = freshness((*row)->checked, (*row)->how, span, look.verdict);
    look.value->fresh.expires =
        std::min(look.value->fresh.expires, expires_at(repo.checked, state_span));
    return {};
}

Result<CatalogImpl::Look<RefView>> CatalogImpl::look_ref(const RepoKey& key,
                                                         const std::string& name) const {
    Look<RefView> look;
    look.at = clock_.now();
    Status looked = database_.read([&](const ReadTxn& txn) -> Status {
        auto repo = find_repo(txn, key);
        if (!repo) {
            return std::unexpected(std::move(repo.error()));
        }
        if (*repo) {
            look.value = RefView{name, {}, {}};
            if (Status row = look_ref_row(txn, **repo, look); !row) {
                return row;
            }
        }
        if (look.value || look.no) {
            return {};
        }
        auto absence = look_absence(txn, revision_target(key, name), false);
        if (!absence) {
            return std::unexpected(std::move(absence.error()));
        }
        look.no = std::move(*absence);
        look.verdict = look.no ? Verdict::fresh : Verdict::must_ask;
        return {};
    });
    if (!looked) {
        return std::unexpected(std::move(looked.error()));
    }
    if (look.no) {
        look.value.reset();
    }
    return look;
}

void CatalogImpl::ref(RepoKey key, std::string name, Done<RefView> done) {
    answer_ref(std::move(key), std::move(name), false, std::move(done));
}

void CatalogImpl::renewed_ref(RepoKey key, std::string name, Done<RefView> done) {
    answer_ref(std::move(key), std::move(name), true, std::move(done));
}

void CatalogImpl::answer_ref(RepoKey key, std::string name, bool renew, Done<RefView> done) {
    if (!valid_repo_id(key.id) || !valid_revision(name)) {
        return done(fail(Code::not_found, "not a revision's name"));
    }
    auto look = look_ref(key, name);
    if (!look) {
        return done(std::unexpected(std::move(look.error())));
    }
    if (renew && look->value && look->verdict == Verdict::fresh &&
        look->at - look->value->fresh.checked > kRenewedAge) {
        look->verdict = Verdict::usable;
    }
    if ((look->no || look->value) && look->verdict == Verdict::fresh) {
        ++hits_;
        return done(look->value ? Result<RefView>(std::move(*look->value))
                                : std::unexpected(std::move(*look->no)));
    }
    const Instant at = look->at;
    const Patience wait = patience(look->verdict);
    asker_.ask(revision_target(key, name), at, wait,
               [this, key, name, look = std::move(*look),
                done = std::move(done)](Result<DocumentPtr> answer) mutable {
                   asked_ref(key, name, std::move(look), std::move(answer), std::move(done));
               });
}

void CatalogImpl::asked_ref(const RepoKey& key, const std::string& name, Look<RefView> look,
                            Result<DocumentPtr> answer, Done<RefView> done) const {
    if (!answer) {
        if ((look.value || look.no) && look.verdict == Verdict::usable) {
            ++stale_;
            return done(look.value ? Result<RefView>(std::move(*look.value))
                                   : std::unexpected(std::move(*look.no)));
        }
        return done(std::unexpected(std::move(answer.error())));
    }
    if ((*answer)->status != 200) {
        return done(std::unexpected(answer_error(view_of(**answer))));
    }
    auto now = look_ref(key, name);
    if (!now) {
        return done(std::unexpected(std::move(now.error())));
    }
    if (now->value) {
        now->value->fresh.how = (*answer)->fresh.how;
        return done(std::move(*now->value));
    }
    done(std::unexpected(
        now->no.value_or(Error{Code::protocol, "upstream's answer names no commit"})));
}

std::vector<RefView> CatalogImpl::known_refs(const RepoKey& key, std::size_t max) const {
    const Instant at = clock_.now();
    const Lifespan lifespan = ref_lifetime(config_);
    auto views = database_.read([&](const ReadTxn& txn) -> Result<std::vector<RefView>> {
        std::vector<RefView> known;
        const auto repo = find_repo(txn, key);
        if (!repo || !*repo) {
            return known;
        }
        const auto rows = list_refs(txn, (*repo)->row.number, SIZE_MAX);
        if (!rows) {
            return std::unexpected(rows.error());
        }
        for (const auto& [name, row] : *rows) {
            if (!CommitId::from_hex(name) && known.size() < max) {
                const Verdict verdict = judge(at, row.checked, lifespan);
                known.push_back(
                    {name, row.commit, freshness(row.checked, row.how, lifespan, verdict)});
            }
        }
        return known;
    });
    return std::move(views).value_or(std::vector<RefView>{});
}

void CatalogImpl::refs(RepoKey key, Done<RefsView> done) {
    if (!valid_repo_id(key.id)) {
        return done(fail(Code::not_found, "not a repository's id"));
    }
    const std::string target = refs_target(key);
    document(target, [this, key = std::move(key),
                      done = std::move(done)](Result<DocumentPtr> answer) mutable {
        if (!answer) {
            auto here = upstream_failed(answer.error().code)
                            ? refs_from_here(key)
                            : Result<RefsView>(std::unexpected(answer.error()));
            return done(here ? std::move(here) : std::unexpected(std::move(answer.error())));
        }
        if ((*answer)->status != 200) {
            return done(std::unexpected(answer_error(view_of(**answer))));
        }
        auto refs = hub::parse_refs((*answer)->body);
        if (!refs) {
            return done(std::unexpected(std::move(refs.error())));
        }
        std::erase_if(*refs, [](const hub::Ref& ref) {
            return ref.kind != hub::Ref::Kind::branch && ref.kind != hub::Ref::Kind::tag;
        });
        done(RefsView{std::move(*refs), {}});
    });
}

Result<RefsView> CatalogImpl::refs_from_here(const RepoKey& key) const {
    const Instant at = clock_.now();
    return database_.read([&](const ReadTxn& txn) -> Result<RefsView> {
        const auto repo = find_repo(txn, key);
        if (!repo || !*repo || (*repo)->row.state != hub::RepoState::open) {
            return fail(Code::not_found, "nothing is known of it");
        }
        const std::uint32_t number = (*repo)->row.number;
        const auto rows = list_refs(txn, number, SIZE_MAX);
        if (!rows) {
            return std::unexpected(rows.error());
        }
        RefsView view;
        std::vector<CommitId>& here = view.only.emplace();
        for (const auto& [name, row] : *rows) {
            // What may not be used any more could not be looked up either.
            if (!branch_or_tag(name, row) ||
                judge(at, row.checked, ref_lifetime(config_)) == Verdict::must_ask) {
                continue;
            }
            view.refs.push_back({hub::Ref::Kind::branch, name, row.commit});
            const auto commit = find_commit(txn, number, row.commit);
            if (commit && *commit) {
                here.push_back(row.commit);
            }
        }
        if (here.empty()) {
            return fail(Code::not_found, "no tree of it is here");
        }
        return view;
    });
}

void CatalogImpl::explain_refusal(const RepoKey& key, std::move_only_function<void(Error)> done) {
    const auto before = look_repo(key);
    std::string target = before && before->no_main ? info_target(key) : revision_target(key, kMain);
    asker_.recheck(target, [this, key, done = std::move(done)](Result<DocumentPtr> answer) mutable {
        const auto now = look_repo(key);
        if (now && now->no) {
            return done(*now->no);
        }
        if (now && now->value && now->value->state != hub::RepoState::open) {
            return done(state_error(now->value->state));
        }
        done(answer ? Error{Code::protocol, "upstream refused what is in a public repository"}
                    : std::move(answer.error()));
    });
}

void CatalogImpl::explain_failure(const RepoKey& key, Error error,
                                  std::move_only_function<void(Error)> done) {
    if (!valid_repo_id(key.id) || (error.code != Code::gated && error.code != Code::denied)) {
        note_failure(key, error);
        return done(std::move(error));
    }
    explain_refusal(key, [this, key, done = std::move(done)](Error why) mutable {
        note_failure(key, why);
        done(std::move(why));
    });
}

void CatalogImpl::note_failure(const RepoKey& key, const Error& error) {
    if (valid_repo_id(key.id) && upstream_failed(error.code)) {
        asker_.note(key, &error);
    }
}

}  // namespace hubfs::meta
