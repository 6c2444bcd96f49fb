// SPDX-License-Identifier: Apache-2.0
// The heart: an inode number says which of three worlds it belongs to (paths outside commits,
// entries of a commit, documents), and each operation asks that world.
#include "fs/tree/filesystem.h"

#include "fs/tree/api_dir.h"
#include "fs/tree/blobs.h"
#include "fs/tree/entries.h"
#include "fs/tree/listing.h"
#include "fs/tree/open_file.h"
#include "fs/tree/resolve.h"
#include "fs/tree/status_dir.h"
#include "fs/tree/then.h"
#include "fs/tree/xattrs.h"

#include <algorithm>

namespace hubfs::tree {

namespace {

// Absence is an answer with a lifetime; every other failure stays one.
Result<Lookup> lookup_of(Result<Node> node) {
    if (node) {
        return Lookup{.present = true, .attributes = node->attributes, .valid = node->valid};
    }
    if (node.error().code == Code::not_found) {
        return Lookup{.present = false, .attributes = {}, .valid = kAbsentValid};
    }
    return std::unexpected(std::move(node.error()));
}

class TreeFilesystem final : public Filesystem {
public:
    explicit TreeFilesystem(Parts parts)
        : context_{.catalog = parts.catalog,
                   .cache = parts.cache,
                   .clock = parts.clock,
                   .mounted_at = parts.mounted_at,
                   .status =
                       std::make_shared<StatusDir>(parts.catalog, std::move(parts.status_files))} {}

    void lookup(Ino parent, std::string name, Done<Lookup> done) override {
        if (name.size() > kNameMax) {
            return done(fail(Code::name_too_long, "a name over 255 bytes"));
        }
        switch (kind_of(parent)) {
            case InoKind::entry:
                return done(then(load_entry(context_, parent), [&](const Entry& directory) {
                    return lookup_in_entry(context_, directory, name);
                }));
            case InoKind::document: return done(fail(Code::not_directory, "a document is a file"));
            case InoKind::path: break;
        }
        const auto directory = place_of(context_, parent);
        if (!directory) {
            return done(std::unexpected(directory.error()));
        }
        auto place = parse(join(directory->path, name));
        if (!place) {
            return done(Lookup{.present = false, .attributes = {}, .valid = kMeaninglessValid});
        }
        resolve(context_, std::move(*place), [done = std::move(done)](Result<Node> node) mutable {
            done(lookup_of(std::move(node)));
        });
    }

    void getattr(Ino ino, Done<Attributes> done) override {
        node_of(ino, [done = std::move(done)](Result<Node> node) mutable {
            done(then(std::move(node),
                      [](const Node& found) -> Result<Attributes> { return found.attributes; }));
        });
    }

    void readlink(Ino ino, Done<std::string> done) override {
        node_of(ino, [done = std::move(done)](Result<Node> node) mutable {
            done(then(std::move(node), [](Node found) -> Result<std::string> {
                if (found.attributes.kind != NodeKind::symlink) {
                    return fail(Code::invalid, "not a symbolic link");
                }
                return std::move(found.link);
            }));
        });
    }

    void list(Ino directory, Done<std::shared_ptr<const Listing>> done) override {
        switch (kind_of(directory)) {
            case InoKind::entry:
                return done(then(load_entry(context_, directory),
                                 [&](const Entry& entry) { return list_entry(context_, entry); }));
            case InoKind::document: return done(fail(Code::not_directory, "a document is a file"));
            case InoKind::path: break;
        }
        auto place = place_of(context_, directory);
        if (!place) {
            return done(std::unexpected(std::move(place.error())));
        }
        list_place(context_, std::move(*place), std::move(done));
    }

    void open(Ino file, Done<std::unique_ptr<Handle>> done) override {
        open_file(context_, file, std::move(done));
    }
    void get_xattr(Ino ino, std::string name, Done<std::string> done) override {
        tree::get_xattr(context_, ino, std::move(name), std::move(done));
    }
    void list_xattr(Ino ino, Done<std::vector<std::string>> done) override {
        tree::list_xattr(context_, ino, std::move(done));
    }

    [[nodiscard]] Statfs statfs() const override {
        const auto usage = context_.cache.usage();
        Statfs answer;
        answer.total_blocks = usage.limit_bytes / answer.block_bytes;
        const auto free = usage.limit_bytes - std::min(usage.used_bytes, usage.limit_bytes);
        answer.free_blocks = free / answer.block_bytes;
        answer.files = usage.contents;
        return answer;
    }

private:
    // What an inode number is now.
    void node_of(Ino ino, Done<Node> done) const;

    const Context context_;
};

void TreeFilesystem::node_of(Ino ino, Done<Node> done) const {
    switch (kind_of(ino)) {
        case InoKind::entry:
            return done(then(load_entry(context_, ino), [&](const Entry& entry) -> Result<Node> {
                Node node;
                node.attributes = attributes_of(context_, entry.commit, entry.view);
                node.valid = kForever;
                return node;
            }));
        case InoKind::document:
            return done(then(load_document(context_, ino),
                             [&](std::shared_ptr<const meta::Document> document) -> Result<Node> {
                                 return document_node(context_, std::move(document));
                             }));
        case InoKind::path: break;
    }
    auto place = place_of(context_, ino);
    if (!place) {
        return done(std::unexpected(std::move(place.error())));
    }
    if (place->kind == PlaceKind::blob) {
        return done(blob_node(context_, *place));  // also for who had it open when it was withdrawn
    }
    resolve(context_, std::move(*place), std::move(done));
}

}  // namespace

std::unique_ptr<Filesystem> Filesystem::create(Parts parts) {
    return std::make_unique<TreeFilesystem>(std::move(parts));
}

}  // namespace hubfs::tree
