// SPDX-License-Identifier: Apache-2.0
#include "fs/tree/blobs.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "fs/contract.h"
#include "fs/meta/facts.h"
#include "fs/tree/handles.h"
#include "fs/tree/resolve.h"
#include "fs/tree/then.h"
#include "fs/tree/validity.h"

namespace hubfs::tree {

namespace {

using Locations = std::vector<meta::LocatedEntry>;

// A content that was found in a public repository.
struct Blob {
    Content content;
    RepoKey repo;
    Instant expires{};                   // of its state
    std::vector<ContentLocation> where;  // all public ones; the last is in `repo`
};

Result<Locations> locations_of(const Context& context, const ContentHash& hash) {
    auto locations = context.catalog.locations(hash);
    if (locations && locations->empty()) {
        return fail(Code::not_found, "no tree here has a content " + hash.hex());
    }
    return locations;
}

bool is_public(const std::optional<meta::RepoView>& repo) {
    return repo && repo->state == hub::RepoState::open;
}

ContentLocation location_of(const meta::LocatedEntry& located) {
    return {
        .repo = located.commit.repo, .commit = located.commit.id, .path = located.entry.entry.path};
}

// Asks for one repository after the other until one is public. Lives in its callbacks.
class Search : public std::enable_shared_from_this<Search> {
public:
    Search(const Context& context, Locations locations, Done<Blob> done)
        : context_(context),
          locations_(std::move(locations)),
          began_(context.clock.steady()),
          done_(std::move(done)) {
        // Those that need no question first, then those that most likely are public still.
        std::ranges::stable_sort(locations_, {}, [this](const meta::LocatedEntry& located) {
            const auto known = context_.catalog.known_repo(located.commit.repo);
            return is_public(known) ? (fresh(*known) ? 0 : 1) : 2;
        });
    }

    void go() {
        const bool late = next_ > 0 && context_.clock.steady() - began_ >= kBlobSearchMax;
        if (next_ == locations_.size() || late) {
            return done_(std::unexpected(why_not(late)));
        }
        const RepoKey& repo = locations_[next_++].commit.repo;
        context_.catalog.repo(repo, [self = shared_from_this()](Result<meta::RepoView> view) {
            self->answered(view);
        });
    }

private:
    [[nodiscard]] bool fresh(const meta::RepoView& repo) const {
        return context_.clock.now() < repo.fresh.expires;
    }

    void answered(const Result<meta::RepoView>& view) {
        if (view && public_status(*view)) {
            return done_(found(locations_[next_ - 1], *view));
        }
        if (!view && meta::upstream_failed(view.error().code)) {
            failure_ = view.error();
        }
        go();
    }

    // The cache goes from one location to the next when upstream refuses one: it is given all that
    // are public by a state that has not expired.
    [[nodiscard]] Blob found(const meta::LocatedEntry& located, const meta::RepoView& repo) const {
        Blob blob{.content = located.entry.content(),
                  .repo = located.commit.repo,
                  .expires = repo.fresh.expires,
                  .where = {}};
        for (const meta::LocatedEntry& other : locations_) {
            if (other.commit.repo == blob.repo || other.entry.content() != blob.content) {
                continue;
            }
            const auto known = context_.catalog.known_repo(other.commit.repo);
            if (is_public(known) && fresh(*known)) {
                blob.where.push_back(location_of(other));
            }
        }
        blob.where.push_back(location_of(located));
        return blob;
    }

    [[nodiscard]] Error why_not(bool late) const {
        if (failure_) {
            return *failure_;
        }
        if (late) {
            return {Code::timed_out, "looked for a public repository for too long"};
        }
        return {Code::denied, "no public repository has this content"};
    }

    const Context context_;
    Locations locations_;
    const Steady began_;
    Done<Blob> done_;
    std::size_t next_ = 0;  // the one to be asked about
    std::optional<Error> failure_;
};

void find_blob(const Context& context, const ContentHash& hash, Done<Blob> done) {
    auto locations = locations_of(context, hash);
    if (!locations) {
        return done(std::unexpected(std::move(locations.error())));
    }
    std::make_shared<Search>(context, std::move(*locations), std::move(done))->go();
}

Result<Node> node_of(const Context& context, const std::string& path, const Content& content) {
    return then(ino_of(context, path), [&](Ino ino) -> Result<Node> {
        Node node;
        node.attributes = {.ino = ino,
                           .kind = NodeKind::file,
                           .size_bytes = content.size_bytes,
                           .cached_bytes = context.cache.cached_bytes(content),
                           .mtime = kBlobDate,
                           .valid = file_attributes_valid(context.cache.verified(content))};
        return node;
    });
}

Result<std::unique_ptr<Handle>> open_at(const Context& context, const Blob& blob) {
    // Those before the last only tell the cache where else the content is.
    std::vector<std::unique_ptr<cache::Reader>> readers;
    for (const ContentLocation& where : blob.where) {
        auto reader = context.cache.open_reader(blob.content, where);
        if (!reader) {
            return std::unexpected(std::move(reader.error()));
        }
        readers.push_back(std::move(*reader));
    }
    return content_handle(std::move(readers.back()),
                          [&catalog = context.catalog, repo = blob.repo](
                              Error error, std::move_only_function<void(Error)> done) {
                              catalog.explain_failure(repo, std::move(error), std::move(done));
                          });
}

}  // namespace

std::string_view blobs_dir(HashKind kind) {
    return kind == HashKind::sha256 ? contract::kSha256Dir : contract::kGitSha1Dir;
}

void resolve_blob(const Context& context, Place place, Done<Node> done) {
    const ContentHash hash = *place.hash;
    find_blob(
        context, hash,
        [context, path = std::move(place.path), done = std::move(done)](Result<Blob> blob) mutable {
            done(then(std::move(blob), [&](const Blob& found) {
                auto node = node_of(context, path, found.content);
                if (node) {
                    node->valid = until(found.expires, context.clock.now());
                }
                return node;
            }));
        });
}

void open_blob(const Context& context, const ContentHash& hash,
               Done<std::unique_ptr<Handle>> done) {
    find_blob(context, hash, [context, done = std::move(done)](Result<Blob> blob) mutable {
        done(then(std::move(blob), [&](const Blob& found) { return open_at(context, found); }));
    });
}

Result<Node> blob_node(const Context& context, const Place& place) {
    auto locations = locations_of(context, *place.hash);
    if (!locations && locations.error().code == Code::not_found) {
        return fail(Code::stale, std::move(locations.error().message));
    }
    return then(std::move(locations), [&](const Locations& known) {
        return node_of(context, place.path, known.front().entry.content());
    });
}

Result<Content> known_blob(const Context& context, const ContentHash& hash) {
    return then(locations_of(context, hash), [&](const Locations& locations) -> Result<Content> {
        const auto found = std::ranges::find_if(locations, [&](const meta::LocatedEntry& located) {
            return known_public(context, located.commit.repo).has_value();
        });
        if (found == locations.end()) {
            return fail(Code::denied, "no public repository has this content");
        }
        return found->entry.content();
    });
}

Result<std::vector<Content>> listed_blobs(const Context& context, HashKind kind) {
    auto contents = context.cache.stored_contents();
    if (!contents) {
        return contents;
    }
    std::erase_if(*contents, [&](const Content& content) { return content.hash.kind != kind; });
    std::ranges::sort(*contents);
    std::vector<Content> listed;
    for (const Content& content : *contents) {
        if (listed.size() == kListedBlobsMax) {
            break;
        }
        if (context.cache.verified(content) && known_blob(context, content.hash)) {
            listed.push_back(content);
        }
    }
    return listed;
}

}  // namespace hubfs::tree
