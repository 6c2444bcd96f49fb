// SPDX-License-Identifier: Apache-2.0
#include "fs/tree/xattrs.h"

#include "fs/contract.h"
#include "fs/tree/api_dir.h"
#include "fs/tree/blobs.h"
#include "fs/tree/entries.h"
#include "fs/tree/path.h"
#include "fs/tree/resolve.h"
#include "fs/tree/then.h"
#include "fs/tree/xattr_rows.h"

namespace hubfs::tree {

namespace {

using Names = std::vector<std::string>;

bool has_attributes(const Place& place) {
    return place.kind == PlaceKind::repo && !place.in_trees;
}

// A reference that does not exist is an attribute that is not there.
void get_ref(const Context& context, RepoKey repo, std::string ref, bool renewed,
             Done<std::string> done) {
    auto answer = [done = std::move(done)](Result<meta::RefView> view) mutable {
        if (!view && view.error().code == Code::not_found) {
            return done(fail(Code::no_attribute, std::move(view.error().message)));
        }
        done(then(std::move(view), [](const meta::RefView& found) -> Result<std::string> {
            return ref_value(found);
        }));
    };
    public_repo(context, repo,
                [context, repo, renewed, ref = std::move(ref),
                 answer = std::move(answer)](Result<meta::RepoView> view) mutable {
                    if (!view) {
                        return answer(std::unexpected(std::move(view.error())));
                    }
                    if (renewed) {
                        context.catalog.renewed_ref(repo, std::move(ref), std::move(answer));
                    } else {
                        context.catalog.ref(repo, std::move(ref), std::move(answer));
                    }
                });
}

void get_repo_row(const Context& context, RepoKey repo, std::string name, Done<std::string> done) {
    if (name == contract::kXattrLastError) {
        // Read by who was just told that upstream fails: it must not cost another question.
        const auto known = context.catalog.known_repo(repo);
        return done(known ? repo_xattr(*known, name)
                          : fail(Code::no_attribute, "nothing was ever asked about it"));
    }
    context.catalog.repo(repo, [repo, name = std::move(name),
                                done = std::move(done)](Result<meta::RepoView> view) mutable {
        done(then(std::move(view), [&](const meta::RepoView& found) -> Result<std::string> {
            if (found.key != repo) {
                return fail(Code::stale, repo.id + " is called " + found.key.id + " now");
            }
            return repo_xattr(found, name);
        }));
    });
}

void get_path_xattr(const Context& context, Ino ino, std::string name, Done<std::string> done) {
    const auto place = place_of(context, ino);
    if (!place) {
        return done(std::unexpected(place.error()));
    }
    if (has_attributes(*place)) {
        for (const bool renewed : {false, true}) {
            if (auto ref = ref_of_xattr(name, renewed)) {
                return get_ref(context, place->repo, std::move(*ref), renewed, std::move(done));
            }
        }
        // Names that are no rows (security.*, system.*) are no questions either.
        if (is_repo_xattr(name)) {
            return get_repo_row(context, place->repo, std::move(name), std::move(done));
        }
    }
    if (place->kind == PlaceKind::blob) {
        return done(then(known_blob(context, *place->hash), [&](const Content& content) {
            return blob_xattr(context, content, name);
        }));
    }
    done(fail(Code::no_attribute, "no attribute " + name));
}

}  // namespace

void get_xattr(const Context& context, Ino ino, std::string name, Done<std::string> done) {
    switch (kind_of(ino)) {
        case InoKind::entry:
            return done(then(load_entry(context, ino), [&](const Entry& entry) {
                const Status open = known_public(context, entry.commit.repo);
                return open ? entry_xattr(context, entry, name)
                            : Result<std::string>(std::unexpected(open.error()));
            }));
        case InoKind::document:
            return done(then(load_document(context, ino), [&](const auto& document) {
                return document_xattr(*document, name);
            }));
        case InoKind::path: break;
    }
    get_path_xattr(context, ino, std::move(name), std::move(done));
}

void list_xattr(const Context& context, Ino ino, Done<Names> done) {
    switch (kind_of(ino)) {
        case InoKind::entry:
            return done(then(load_entry(context, ino), [&](const Entry& entry) -> Result<Names> {
                return entry_xattrs(context, entry);
            }));
        case InoKind::document:
            return done(then(load_document(context, ino), [](const auto& document) {
                return Result<Names>(document_xattrs(*document));
            }));
        case InoKind::path: break;
    }
    const auto place = place_of(context, ino);
    if (!place) {
        return done(std::unexpected(place.error()));
    }
    if (place->kind == PlaceKind::blob) {
        return done(then(known_blob(context, *place->hash), [&](const Content& content) {
            return Result<Names>(blob_xattrs(context, content));
        }));
    }
    if (!has_attributes(*place)) {
        return done(Names());
    }
    context.catalog.repo(place->repo, [context, asked = place->repo, done = std::move(done)](
                                          Result<meta::RepoView> repo) mutable {
        // Under another name by now: a symlink, which has none.
        done(then(std::move(repo), [&](const meta::RepoView& view) -> Result<Names> {
            return view.key == asked ? repo_xattrs(context, view) : Names();
        }));
    });
}

}  // namespace hubfs::tree
