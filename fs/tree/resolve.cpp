// SPDX-License-Identifier: Apache-2.0
#include "fs/tree/resolve.h"

#include "fs/meta/facts.h"
#include "fs/tree/api_dir.h"
#include "fs/tree/blobs.h"
#include "fs/tree/entries.h"
#include "fs/tree/status_dir.h"
#include "fs/tree/then.h"
#include "fs/tree/validity.h"

namespace hubfs::tree {

namespace {

// date: of the commit that main of its repository points to.
Result<Node> symlink(const Context& context, const std::string& path, std::string target,
                     Milliseconds valid, std::optional<Instant> date) {
    return then(ino_of(context, path), [&](Ino ino) -> Result<Node> {
        Node node;
        node.attributes = {.ino = ino,
                           .kind = NodeKind::symlink,
                           .size_bytes = target.size(),
                           .cached_bytes = 0,
                           .mtime = date.value_or(context.mounted_at),
                           .valid = valid};
        node.valid = valid;
        node.link = std::move(target);
        return node;
    });
}

// models/<name>: a namespace when repositories of it are in use here, else what the Hub says about
// a repository of this one segment. Who wants a repository below must not wait a whole deadline for
// that, so an answer that takes long is taken for none: rule_out_one_segment() makes up for it.
void resolve_first_name(const Context& context, Place place, Done<Node> done) {
    if (!context.catalog.known_repos(place.repo.type, place.repo.id).empty()) {
        return done(static_directory(context, place.path, kNamespaceValid));
    }
    const RepoKey key = place.repo;
    context.catalog.guess_repo(key, [context, place = std::move(place),
                                     done = std::move(done)](Result<meta::RepoView> repo) mutable {
        if (repo && repo->state != hub::RepoState::gone) {
            const auto valid = until(repo->fresh.expires, context.clock.now());
            return done(symlink(context, place.path, link_from_type(repo->key), valid, repo->date));
        }
        if (repo || namespace_despite(repo.error().code)) {
            return done(static_directory(context, place.path, kGuessValid));
        }
        done(std::unexpected(std::move(repo.error())));
    });
}

Result<Node> repo_node(const Context& context, const Place& place, meta::RepoView repo) {
    const auto valid = until(repo.fresh.expires, context.clock.now());
    if (repo.key != place.repo) {
        return symlink(context, place.path, link_between(place.repo, repo.key), valid, repo.date);
    }
    auto node = static_directory(context, place.path, valid, repo.date);
    if (node) {
        node->repo = std::move(repo);
    }
    return node;
}

// models/<name>/<that>: the Hub has no such repository, but that is an answer to the path only if
// <name> was rightly taken for a namespace. If it is a repository of one segment, the kernel has to
// walk the path again (stale); if nobody knows, that is the failure.
void rule_out_one_segment(const Context& context, const RepoKey& repo, Error absent,
                          Done<Node> done) {
    const auto slash = repo.id.find('/');
    const RepoKey first{repo.type, repo.id.substr(0, slash)};
    if (slash == std::string::npos || !context.catalog.known_repos(first.type, first.id).empty()) {
        return done(std::unexpected(std::move(absent)));
    }
    context.catalog.repo(first, [absent = std::move(absent),
                                 done = std::move(done)](Result<meta::RepoView> view) mutable {
        if (view && view->state != hub::RepoState::gone) {
            return done(fail(Code::stale, view->key.id + " is a repository of its own"));
        }
        const bool unknown = !view && meta::upstream_failed(view.error().code);
        done(std::unexpected(unknown ? std::move(view.error()) : std::move(absent)));
    });
}

void resolve_repo(const Context& context, Place place, Done<Node> done) {
    const RepoKey key = place.repo;
    context.catalog.repo(key, [context, place = std::move(place),
                               done = std::move(done)](Result<meta::RepoView> repo) mutable {
        if (!repo && repo.error().code == Code::not_found) {
            return rule_out_one_segment(context, place.repo, std::move(repo.error()),
                                        std::move(done));
        }
        done(then(std::move(repo),
                  [&](meta::RepoView view) { return repo_node(context, place, std::move(view)); }));
    });
}

// A name of 40 hex digits: the commit's directory; in other letter case a link to it.
Result<Node> commit_node(const Context& context, const Place& place, meta::CommitView commit) {
    const std::string name = commit.id.hex();
    if (place.kind == PlaceKind::tree) {
        return tree_file(context, place.path, std::move(commit));
    }
    if (place.revision != name) {
        return symlink(context, place.path, name, kForever, commit.date);
    }
    return commit_directory(context, std::move(commit));
}

void resolve_commit(const Context& context, Place place, Done<Node> done) {
    if (!place.commit) {
        return done(fail(Code::not_found, "not a commit"));
    }
    const RepoKey key = place.repo;
    const CommitId id = *place.commit;
    context.catalog.commit(key, id,
                           [context, place = std::move(place),
                            done = std::move(done)](Result<meta::CommitView> commit) mutable {
                               done(then(std::move(commit), [&](meta::CommitView view) {
                                   return commit_node(context, place, std::move(view));
                               }));
                           });
}

// date: of the commit that main points to. Not of its own commit: that is known only where its tree
// is, and a date must be the same before and after, here and on every other node.
void resolve_ref(const Context& context, Place place, std::optional<Instant> date,
                 Done<Node> done) {
    const RepoKey key = place.repo;
    const std::string name = place.revision;
    context.catalog.ref(key, name,
                        [context, place = std::move(place), date,
                         done = std::move(done)](Result<meta::RefView> ref) mutable {
                            done(then(std::move(ref), [&](const meta::RefView& view) {
                                return symlink(context, place.path, view.commit.hex(),
                                               until(view.fresh.expires, context.clock.now()),
                                               date);
                            }));
                        });
}

// What a repository holds: nothing of it exists for anybody unless it is public.
void resolve_in_repo(const Context& context, Place place, Done<Node> done) {
    const RepoKey key = place.repo;
    public_repo(context, key,
                [context, place = std::move(place),
                 done = std::move(done)](Result<meta::RepoView> repo) mutable {
                    if (!repo) {
                        return done(std::unexpected(std::move(repo.error())));
                    }
                    if (place.commit) {
                        return resolve_commit(context, std::move(place), std::move(done));
                    }
                    resolve_ref(context, std::move(place), repo->date, std::move(done));
                });
}

}  // namespace

void resolve(const Context& context, Place place, Done<Node> done) {
    switch (place.kind) {
        case PlaceKind::root:
        case PlaceKind::type:
        case PlaceKind::no_namespace:
        case PlaceKind::trees:
        case PlaceKind::api:
        case PlaceKind::status:
        case PlaceKind::blobs:
        case PlaceKind::blob_kind: return done(static_directory(context, place.path, kForever));
        case PlaceKind::api_part: return done(static_directory(context, place.path, kForever));
        case PlaceKind::first_name:
            return resolve_first_name(context, std::move(place), std::move(done));
        case PlaceKind::repo: return resolve_repo(context, std::move(place), std::move(done));
        case PlaceKind::revision:
        case PlaceKind::tree: return resolve_in_repo(context, std::move(place), std::move(done));
        case PlaceKind::api_document:
            return resolve_document(context, std::move(place), std::move(done));
        case PlaceKind::blob: return resolve_blob(context, std::move(place), std::move(done));
        case PlaceKind::status_file: return done(status_file(context, place.path));
    }
}

Result<Node> static_directory(const Context& context, const std::string& path, Milliseconds valid,
                              std::optional<Instant> date) {
    return then(ino_of(context, path), [&](Ino ino) -> Result<Node> {
        Node node;
        node.attributes = {.ino = ino,
                           .kind = NodeKind::directory,
                           .size_bytes = 0,
                           .cached_bytes = 0,
                           .mtime = date.value_or(context.mounted_at),
                           .valid = valid};
        node.valid = valid;
        return node;
    });
}

Result<Ino> ino_of(const Context& context, const std::string& path) {
    if (path.empty()) {
        return kRootIno;
    }
    return then(context.catalog.intern(path),
                [](std::uint64_t number) -> Result<Ino> { return path_ino(number); });
}

Result<Place> place_of(const Context& context, Ino ino) {
    if (ino == kRootIno) {
        return Place{};
    }
    auto path = context.catalog.interned(ino.value);
    if (!path && path.error().code != Code::not_found) {
        return std::unexpected(std::move(path.error()));
    }
    auto place = path ? parse(*path) : std::nullopt;
    if (!place) {
        return fail(Code::stale, "unknown inode number " + std::to_string(ino.value));
    }
    return std::move(*place);
}

Status public_status(const meta::RepoView& repo) {
    switch (repo.state) {
        case hub::RepoState::open: return {};
        case hub::RepoState::gated: return fail(Code::gated, repo.key.id + " is gated");
        case hub::RepoState::private_: return fail(Code::denied, repo.key.id + " is private");
        case hub::RepoState::disabled: return fail(Code::denied, repo.key.id + " is disabled");
        case hub::RepoState::gone: break;
    }
    return fail(Code::not_found, repo.key.id + " is gone");
}

Status known_public(const Context& context, const RepoKey& repo) {
    const auto known = context.catalog.known_repo(repo);
    return known ? public_status(*known) : Status{};
}

void check_public(const Context& context, RepoKey repo, Done<void> done) {
    const auto known = context.catalog.known_repo(repo);
    if (known && context.clock.now() < known->fresh.expires) {
        return done(public_status(*known));
    }
    context.catalog.repo(std::move(repo),
                         [done = std::move(done)](Result<meta::RepoView> view) mutable {
                             done(then(std::move(view), public_status));
                         });
}

void public_repo(const Context& context, RepoKey repo, Done<meta::RepoView> done) {
    context.catalog.repo(repo, [repo, done = std::move(done)](Result<meta::RepoView> view) mutable {
        if (!view) {
            return done(std::unexpected(std::move(view.error())));
        }
        if (const Status open = public_status(*view); !open) {
            return done(std::unexpected(open.error()));
        }
        if (view->key != repo) {
            return done(fail(Code::stale, repo.id + " is called " + view->key.id + " now"));
        }
        done(std::move(view));
    });
}

}  // namespace hubfs::tree
