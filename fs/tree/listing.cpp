// SPDX-License-Identifier: Apache-2.0
#include "fs/tree/listing.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "fs/contract.h"
#include "fs/tree/blobs.h"
#include "fs/tree/entries.h"
#include "fs/tree/resolve.h"
#include "fs/tree/status_dir.h"
#include "fs/tree/then.h"
#include "fs/tree/validity.h"

namespace hubfs::tree {

namespace {

using ListingResult = Result<std::shared_ptr<const Listing>>;

// Collects entries of one directory; the first failure to number a name is the result.
class Builder {
public:
    Builder(const Context& context, std::string directory)
        : context_(context),
          directory_(std::move(directory)),
          listing_(std::make_shared<Listing>()) {
        listing_->self = number(directory_);
        listing_->parent = number(std::string(parent_of(directory_)));
    }

    // date: nothing when it has none of its own.
    void add(std::string_view name, NodeKind kind, std::uint64_t size_bytes, Milliseconds valid,
             bool complete = true, std::optional<Instant> date = {}) {
        if (name.size() > kNameMax) {
            return;  // no directory entry can carry it
        }
        ListingEntry entry;
        entry.name = name;
        entry.attributes = {.ino = number(join(directory_, name)),
                            .kind = kind,
                            .size_bytes = size_bytes,
                            .cached_bytes = 0,
                            .mtime = date.value_or(context_.mounted_at),
                            .valid = valid};
        entry.valid = valid;
        entry.complete = complete;
        listing_->entries.push_back(std::move(entry));
    }
    void add_directory(std::string_view name, Milliseconds valid,
                       std::optional<Instant> date = {}) {
        add(name, NodeKind::directory, 0, valid, true, date);
    }

    [[nodiscard]] ListingResult finish() {
        if (error_) {
            return std::unexpected(std::move(*error_));
        }
        return std::move(listing_);
    }

private:
    Ino number(const std::string& path) {
        auto ino = ino_of(context_, path);
        if (!ino && !error_) {
            error_ = std::move(ino.error());
        }
        return ino ? *ino : Ino{};
    }

    const Context& context_;
    const std::string directory_;
    std::shared_ptr<Listing> listing_;
    std::optional<Error> error_;
};

// "models" or ".trees/models": namespaces in use here, and "-" while it holds something.
ListingResult list_type(const Context& context, const Place& place) {
    Builder builder(context, place.path);
    if (!context.catalog.known_repos(place.repo.type, "").empty()) {
        builder.add_directory(contract::kNoNamespace, kForever);
    }
    for (const auto& name : context.catalog.known_namespaces(place.repo.type)) {
        builder.add_directory(name, kNamespaceValid);
    }
    return builder.finish();
}

// Public repositories of a namespace in use here: what cannot be entered is not listed, so that
// a walk ends without errors.
ListingResult list_namespace(const Context& context, const Place& place) {
    const bool none = place.kind == PlaceKind::no_namespace;
    Builder builder(context, place.path);
    for (const auto& key :
         context.catalog.known_repos(place.repo.type, none ? std::string() : place.repo.id)) {
        const auto repo = context.catalog.known_repo(key);
        if (repo && repo->key == key && public_status(*repo)) {
            builder.add_directory(short_name_of(key),
                                  until(repo->fresh.expires, context.clock.now()), repo->date);
        }
    }
    return builder.finish();
}

// The branches and tags that a directory can show, each name once, in order.
std::map<std::string, CommitId> shown_refs(const std::vector<hub::Ref>& refs) {
    std::map<std::string, CommitId> shown;
    for (const auto& ref : refs) {
        const bool listed = ref.kind == hub::Ref::Kind::branch || ref.kind == hub::Ref::Kind::tag;
        // A name of 40 hex digits is a commit here, whatever a branch of that name points to.
        if (listed && valid_revision(ref.name) && !CommitId::from_hex(ref.name)) {
            shown.emplace(ref.name, ref.commit);  // branches come first and win over tags
        }
    }
    return shown;
}

ListingResult list_refs(const Context& context, const Place& place, const meta::RefsView& refs,
                        std::optional<Instant> date) {
    std::map<std::string, meta::RefView> known;
    for (auto& ref : context.catalog.known_refs(place.repo, kKnownRefsMax)) {
        known.emplace(ref.name, ref);
    }
    Builder builder(context, place.path);
    std::set<CommitId> commits;
    for (const auto& [name, commit] : shown_refs(refs.refs)) {
        // Without upstream a tree that is not here cannot be had: a walk must not stumble on it.
        if (!refs.only || std::ranges::find(*refs.only, commit) != refs.only->end()) {
            commits.insert(commit);
        }
        if (place.in_trees) {
            continue;
        }
        const auto found = known.find(name);
        const bool same = found != known.end() && found->second.commit == commit;
        const auto valid =
            same ? until(found->second.fresh.expires, context.clock.now()) : Milliseconds(0);
        builder.add(contract::encode_ref(name), NodeKind::symlink, commit.hex().size(), valid,
                    valid > Milliseconds(0), date);
    }
    // The tree of a commit may not be here: its inode number and date are found by a lookup.
    for (const auto& commit : commits) {
        builder.add(commit.hex(), place.in_trees ? NodeKind::file : NodeKind::directory, 0,
                    Milliseconds(0), false);
    }
    return builder.finish();
}

void list_repo(const Context& context, Place place, Done<std::shared_ptr<const Listing>> done) {
    const RepoKey key = place.repo;
    public_repo(context, key,
                [context, place = std::move(place),
                 done = std::move(done)](Result<meta::RepoView> repo) mutable {
                    if (!repo) {
                        return done(std::unexpected(std::move(repo.error())));
                    }
                    context.catalog.refs(
                        repo->key, [context, place = std::move(place), date = repo->date,
                                    done = std::move(done)](Result<meta::RefsView> refs) mutable {
                            if (!refs) {
                                return done(std::unexpected(std::move(refs.error())));
                            }
                            done(list_refs(context, place, *refs, date));
                        });
                });
}

ListingResult list_status(const Context& context, const Place& place) {
    Builder builder(context, place.path);
    for (const auto& [name, text] : context.status->files()) {
        builder.add(name, NodeKind::file, 0, Milliseconds(0));
    }
    return builder.finish();
}

ListingResult list_blob_kinds(const Context& context, const Place& place) {
    Builder builder(context, place.path);
    for (const HashKind kind : {HashKind::git_sha1, HashKind::sha256}) {
        builder.add_directory(blobs_dir(kind), kForever);
    }
    return builder.finish();
}

// Names only: whether a content is public is found out by its lookup.
ListingResult list_blobs(const Context& context, const Place& place) {
    return then(listed_blobs(context, place.hash->kind), [&](const std::vector<Content>& contents) {
        Builder builder(context, place.path);
        for (const Content& content : contents) {
            builder.add(content.hash.hex(), NodeKind::file, content.size_bytes, Milliseconds(0),
                        false, kBlobDate);
        }
        return builder.finish();
    });
}

// The root (whose names with a dot stay unlisted) and .trees.
ListingResult list_types(const Context& context, const Place& place) {
    Builder builder(context, place.path);
    builder.add_directory(plural(RepoType::dataset), kForever);
    builder.add_directory(plural(RepoType::model), kForever);
    return builder.finish();
}

}  // namespace

void list_place(const Context& context, Place place, Done<std::shared_ptr<const Listing>> done) {
    switch (place.kind) {
        case PlaceKind::root:
        case PlaceKind::trees: return done(list_types(context, place));
        case PlaceKind::type: return done(list_type(context, place));
        case PlaceKind::first_name:
        case PlaceKind::no_namespace: return done(list_namespace(context, place));
        case PlaceKind::repo: return list_repo(context, std::move(place), std::move(done));
        // Documents are found by name only: their number has no end.
        case PlaceKind::api:
        case PlaceKind::api_part: return done(Builder(context, place.path).finish());
        case PlaceKind::status: return done(list_status(context, place));
        case PlaceKind::blobs: return done(list_blob_kinds(context, place));
        case PlaceKind::blob_kind: return done(list_blobs(context, place));
        case PlaceKind::revision:
        case PlaceKind::tree:
        case PlaceKind::api_document:
        case PlaceKind::blob:
        case PlaceKind::status_file: break;
    }
    done(fail(Code::not_directory, place.path + " is not a directory"));
}

}  // namespace hubfs::tree
