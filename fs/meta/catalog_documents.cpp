// SPDX-License-Identifier: Apache-2.0
// Documents. One about a repository is served only while that repository is public: gated
// repositories' metadata is public on the Hub, but must not be kept here as if they were.
#include <algorithm>
#include <utility>

#include "fs/meta/catalog_impl.h"
#include "fs/meta/target.h"

namespace hubfs::meta {

namespace {

// The same answer with other words about its freshness.
DocumentPtr with_freshness(const DocumentPtr& document, Freshness fresh) {
    auto copy = std::make_shared<Document>(*document);
    copy->fresh = fresh;
    return copy;
}

}  // namespace

// The body comes from memory when it is there; the words about its freshness are always new.
Result<DocumentPtr> CatalogImpl::load(const ReadTxn& txn, std::uint32_t number,
                                      std::uint32_t version, const DocumentRow& row) const {
    DocumentPtr document = memory_.find(number, version);
    const bool remembered = document != nullptr;
    if (!remembered) {
        auto loaded = load_document(txn, number, version);
        if (!loaded) {
            return std::unexpected(std::move(loaded.error()));
        }
        document = std::make_shared<const Document>(std::move(*loaded));
    }
    const bool newest = version == row.version;
    const Instant checked = newest ? row.checked : document->fresh.checked;
    const Lifespan lifespan = document_lifetime(config_, document->status);
    const Verdict verdict = newest ? judge(clock_.now(), checked, lifespan) : Verdict::usable;
    const Freshness fresh = freshness(checked, row.how, lifespan, verdict);
    if (document->fresh.checked != fresh.checked || document->fresh.expires != fresh.expires ||
        document->fresh.how != fresh.how) {
        document = with_freshness(document, fresh);
        memory_.put(document);
    } else if (!remembered) {
        memory_.put(document);
    }
    return document;
}

Result<CatalogImpl::Look<DocumentPtr>> CatalogImpl::look_document(const std::string& target) const {
    Look<DocumentPtr> look;
    look.at = clock_.now();
    Instant last_use{};
    Status looked = database_.read([&](const ReadTxn& txn) -> Status {
        auto found = find_document(txn, target);
        if (!found || !*found) {
            return found ? Status{} : std::unexpected(std::move(found.error()));
        }
        const DocumentRow& row = (*found)->row;
        last_use = row.used;
        auto document = load(txn, (*found)->number, row.version, row);
        if (!document) {
            return std::unexpected(std::move(document.error()));
        }
        look.value = std::move(*document);
        look.verdict = judge(look.at, row.checked, document_lifetime(config_, row.status));
        return {};
    });
    if (!looked) {
        return std::unexpected(std::move(looked.error()));
    }
    if (look.value) {
        used((*look.value)->number, last_use);
    }
    return look;
}

Result<DocumentPtr> CatalogImpl::document_by_number(std::uint32_t number,
                                                    std::uint32_t version) const {
    Instant last_use{};
    auto document = database_.read([&](const ReadTxn& txn) -> Result<DocumentPtr> {
        auto row = txn.row<DocumentRow>(Table::documents, number_key(number));
        if (!row || !*row) {
            return row ? fail(Code::stale, "no document has this number")
                       : std::unexpected(std::move(row.error()));
        }
        last_use = (*row)->used;
        return load(txn, number, version, **row);
    });
    if (document) {
        used(number, last_use);
    }
    return document;
}

void CatalogImpl::used(std::uint32_t number, Instant last_use) const {
    const Instant now = clock_.now();
    if (now - last_use < kUseGranularity) {
        return;
    }
    database_.write_later([number, now](WriteTxn& txn) { return use_document(txn, number, now); });
}

bool CatalogImpl::may_add_document() {
    const Steady now = clock_.steady();
    return new_documents_.with([&](NewDocuments& documents) {
        if (documents.minute == Steady{} || now - documents.minute >= std::chrono::minutes(1)) {
            documents = {now, 0};
        }
        return ++documents.count <= config_.new_documents_per_minute;
    });
}

void CatalogImpl::document(std::string target, Done<DocumentPtr> done) {
    const auto about = parse_target(target);
    if (!about) {
        return done(fail(Code::not_found, "not a public document of the Hub"));
    }
    switch (about->kind) {
        case Target::Kind::listing: return plain_document(target, Instant::max(), std::move(done));
        case Target::Kind::info: return info_document(target, about->repo, std::move(done));
        case Target::Kind::refs:
        case Target::Kind::of_repo: return repo_document(target, about->repo, std::move(done));
    }
}

void CatalogImpl::renewed_document(std::string target, Done<DocumentPtr> done) {
    const auto look = look_document(target);
    if (!look || !look->value || look->verdict != Verdict::fresh ||
        look->at - (*look->value)->fresh.checked <= kRenewedAge) {
        return document(std::move(target), std::move(done));  // which asks when it has to
    }
    auto asked = [this, target, old = (*look->value)->version,
                  done = std::move(done)](const Result<DocumentPtr>& answer) mutable {
        if (answer && (*answer)->version != old && events_.on_renewed) {
            events_.on_renewed(target);
        }
        document(std::move(target), std::move(done));  // the store has the answer, or the old one
    };
    asker_.ask(target, look->at, Patience(config_.wait), std::move(asked));
}

void CatalogImpl::plain_document(const std::string& target, Instant until, Done<DocumentPtr> done) {
    auto look = look_document(target);
    if (!look) {
        return done(std::unexpected(std::move(look.error())));
    }
    const auto bounded = [until](DocumentPtr document) {
        Freshness fresh = document->fresh;
        if (fresh.expires <= until) {
            return document;
        }
        fresh.expires = until;
        return with_freshness(document, fresh);
    };
    if (look->value && look->verdict == Verdict::fresh && look->at < until) {
        ++hits_;
        return done(bounded(std::move(*look->value)));
    }
    if (look->value && look->verdict == Verdict::fresh) {
        look->verdict = Verdict::usable;  // the state it depends on is not known any more
        Freshness fresh = (*look->value)->fresh;
        fresh.how = How::stale;
        look->value = with_freshness(*look->value, fresh);
    }
    if (!look->value && !config_.offline && !may_add_document()) {
        ++refused_documents_;
        return done(fail(Code::rate_limited, "too many new documents in this minute"));
    }
    const Instant at = look->at;
    const Patience wait = patience(look->verdict);
    asker_.ask(target, at, wait,
               [this, bounded, until, look = std::move(*look),
                done = std::move(done)](Result<DocumentPtr> answer) mutable {
                   if (answer && (*answer)->number == 0) {
                       answer = fail(Code::no_space, "larger than the quota of documents");
                   }
                   if (answer && look.at < until) {
                       answer = bounded(std::move(*answer));
                   }
                   if (!answer && look.value && look.verdict == Verdict::usable) {
                       ++stale_;
                       answer = std::move(*look.value);
                   }
                   done(std::move(answer));
               });
}

// The document tells the state itself: one request, whatever is known so far.
void CatalogImpl::info_document(const std::string& target, const RepoKey& repo,
                                Done<DocumentPtr> done) {
    using hub::RepoState;
    auto look = look_repo(repo);
    if (!look) {
        return done(std::unexpected(std::move(look.error())));
    }
    const bool known = look->value && look->verdict != Verdict::must_ask;
    if (known && look->value->state != RepoState::open && look->value->state != RepoState::gone) {
        return repo_document(target, repo, std::move(done));
    }
    auto checked = [this, repo, done = std::move(done)](Result<DocumentPtr> answer) mutable {
        if (!answer) {
            return done(std::move(answer));
        }
        // Missing is what the document says; refused is for nobody to read here.
        const Document& document = **answer;
        Error why{Code::not_found, {}};
        if (document.status != 200) {
            why = answer_error(view_of(document));
        } else if (const auto now = look_repo(repo);
                   now && now->value && now->value->state != RepoState::open) {
            why = state_error(now->value->state);
        }
        if (why.code == Code::gated || why.code == Code::denied) {
            return done(std::unexpected(std::move(why)));
        }
        done(std::move(answer));
    };
    const bool open = known && look->value->state == RepoState::open;
    plain_document(target, open ? look->value->fresh.expires : Instant::max(), std::move(checked));
}

DocumentPtr CatalogImpl::stale_document(const std::string& target) {
    auto look = look_document(target);
    if (!look || !look->value || look->verdict == Verdict::must_ask) {
        return nullptr;
    }
    if (look->verdict == Verdict::usable) {
        asker_.ask(target, look->at, std::nullopt, {});
    }
    ++stale_;
    Freshness fresh = (*look->value)->fresh;
    fresh.how = How::stale;
    return with_freshness(*look->value, fresh);
}

void CatalogImpl::repo_document(const std::string& target, const RepoKey& repository,
                                Done<DocumentPtr> done) {
    repo(repository, [this, target, done = std::move(done)](Result<RepoView> view) mutable {
        if (!view && view.error().code != Code::not_found) {
            return done(std::unexpected(std::move(view.error())));
        }
        const bool there = view && view->state != hub::RepoState::gone;
        if (there && view->state != hub::RepoState::open) {
            return done(std::unexpected(state_error(view->state)));
        }
        if (there && view->fresh.how == How::stale) {
            if (DocumentPtr document = stale_document(target)) {
                return done(std::move(document));
            }
        }
        // Where there is no repository, upstream's own answer says so, as a document.
        const bool fresh = there && view->fresh.how != How::stale;
        plain_document(target, fresh ? view->fresh.expires : Instant::max(), std::move(done));
    });
}

}  // namespace hubfs::meta
