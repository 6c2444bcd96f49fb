// SPDX-License-Identifier: Apache-2.0
#include "fs/tree/entries.h"

#include "fs/tree/path.h"
#include "fs/tree/resolve.h"
#include "fs/tree/then.h"
#include "fs/tree/validity.h"

namespace hubfs::tree {

namespace {

// Where ".." leads: from the commit's directory to the repository's.
Result<Ino> parent_ino(const Context& context, const Entry& entry) {
    if (entry.view.number != 0) {
        return entry_ino(entry.commit.number, entry.view.parent);
    }
    return ino_of(context, path_of(entry.commit.repo));
}

std::unexpected<Error> stale(Ino ino) {
    return fail(Code::stale, "unknown inode number " + std::to_string(ino.value));
}

}  // namespace

Result<Entry> load_entry(const Context& context, Ino ino) {
    auto commit = context.catalog.commit_by_number(major_of(ino));
    if (!commit) {
        if (commit.error().code == Code::not_found) {
            return stale(ino);
        }
        return std::unexpected(std::move(commit.error()));
    }
    Entry entry{.commit = std::move(*commit), .view = {}};
    if (minor_of(ino) == 0) {
        entry.view.entry.directory = true;
        return entry;
    }
    auto view = context.catalog.entry(major_of(ino), minor_of(ino));
    if (!view) {
        return std::unexpected(std::move(view.error()));
    }
    if (!*view) {
        return stale(ino);
    }
    entry.view = std::move(**view);
    return entry;
}

Attributes attributes_of(const Context& context, const meta::CommitView& commit,
                         const meta::EntryView& view) {
    Attributes attributes;
    attributes.ino = entry_ino(commit.number, view.number);
    attributes.mtime = commit.date;
    if (view.number == 0 || view.entry.directory) {
        attributes.kind = NodeKind::directory;
        attributes.valid = kForever;
        return attributes;
    }
    const Content content = view.content();
    attributes.kind = NodeKind::file;
    attributes.size_bytes = content.size_bytes;
    attributes.cached_bytes = context.cache.cached_bytes(content);
    attributes.valid = file_attributes_valid(context.cache.verified(content));
    return attributes;
}

Result<Lookup> lookup_in_entry(const Context& context, const Entry& parent, std::string_view name) {
    if (!parent.directory()) {
        return fail(Code::not_directory, parent.view.entry.path + " is a file");
    }
    if (const Status open = known_public(context, parent.commit.repo); !open) {
        return std::unexpected(open.error());
    }
    auto child = context.catalog.child(parent.commit.number, parent.view.number, name);
    if (!child) {
        return std::unexpected(std::move(child.error()));
    }
    // The tree is here in full: an absence is as final as a presence.
    if (!*child) {
        return Lookup{.present = false, .attributes = {}, .valid = kForever};
    }
    return Lookup{.present = true,
                  .attributes = attributes_of(context, parent.commit, **child),
                  .valid = kForever};
}

Result<std::shared_ptr<const Listing>> list_entry(const Context& context, const Entry& directory) {
    if (!directory.directory()) {
        return fail(Code::not_directory, directory.view.entry.path + " is a file");
    }
    if (const Status open = known_public(context, directory.commit.repo); !open) {
        return std::unexpected(open.error());
    }
    const auto parent = parent_ino(context, directory);
    if (!parent) {
        return std::unexpected(parent.error());
    }
    auto children = context.catalog.children(directory.commit.number, directory.view.number);
    if (!children) {
        return std::unexpected(std::move(children.error()));
    }
    auto listing = std::make_shared<Listing>();
    listing->self = entry_ino(directory.commit.number, directory.view.number);
    listing->parent = *parent;
    listing->kernel_may_keep = true;
    listing->entries.reserve(children->size());
    for (auto& child : *children) {
        auto attributes = attributes_of(context, directory.commit, child);
        listing->entries.push_back({.name = std::move(child.name),
                                    .attributes = attributes,
                                    .valid = kForever,
                                    .complete = true});
    }
    return listing;
}

Result<Node> commit_directory(const Context& context, meta::CommitView commit) {
    meta::EntryView root;
    root.entry.directory = true;
    Node node;
    node.attributes = attributes_of(context, commit, root);
    node.valid = kForever;
    node.commit = std::move(commit);
    return node;
}

Result<Node> tree_file(const Context& context, const std::string& path, meta::CommitView commit) {
    return then(ino_of(context, path), [&](Ino ino) -> Result<Node> {
        Node node;
        node.attributes = {.ino = ino,
                           .kind = NodeKind::file,
                           .size_bytes = commit.trees_bytes,
                           .cached_bytes = commit.trees_bytes,
                           .mtime = commit.date,
                           .valid = kForever};
        node.valid = kForever;
        node.commit = std::move(commit);
        return node;
    });
}

}  // namespace hubfs::tree
