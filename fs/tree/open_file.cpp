// SPDX-License-Identifier: Apache-2.0
#include "fs/tree/open_file.h"

#include "fs/tree/api_dir.h"
#include "fs/tree/blobs.h"
#include "fs/tree/entries.h"
#include "fs/tree/handles.h"
#include "fs/tree/resolve.h"
#include "fs/tree/status_dir.h"
#include "fs/tree/then.h"

namespace hubfs::tree {

namespace {

using HandleResult = Result<std::unique_ptr<Handle>>;

HandleResult open_content(const Context& context, const Entry& entry) {
    auto reader = context.cache.open_reader(
        entry.view.content(),
        {.repo = entry.commit.repo, .commit = entry.commit.id, .path = entry.view.entry.path});
    return then(std::move(reader), [&](std::unique_ptr<cache::Reader> opened) -> HandleResult {
        return content_handle(std::move(opened),
                              [&catalog = context.catalog, repo = entry.commit.repo](
                                  Error error, std::move_only_function<void(Error)> done) {
                                  catalog.explain_failure(repo, std::move(error), std::move(done));
                              });
    });
}

void open_entry(const Context& context, Ino file, Done<std::unique_ptr<Handle>> done) {
    auto entry = load_entry(context, file);
    if (!entry) {
        return done(std::unexpected(std::move(entry.error())));
    }
    if (entry->directory()) {
        return done(fail(Code::is_directory, entry->view.entry.path + " is a directory"));
    }
    const RepoKey repo = entry->commit.repo;
    check_public(context, repo,
                 [context, entry = std::move(*entry), done = std::move(done)](Status open) mutable {
                     if (!open) {
                         return done(std::unexpected(std::move(open.error())));
                     }
                     done(open_content(context, entry));
                 });
}

// A file of .trees; the other things that have a path and are no status files have no bytes.
HandleResult open_node(const Context& context, const Node& node) {
    if (node.attributes.kind == NodeKind::directory) {
        return fail(Code::is_directory, "a directory has no bytes");
    }
    if (node.attributes.kind == NodeKind::symlink || !node.commit) {
        return fail(Code::invalid, "not a file");
    }
    return lazy_text_handle([&catalog = context.catalog, commit = node.commit->number] {
        return catalog.trees_text(commit);
    });
}

void open_path(const Context& context, Ino file, Done<std::unique_ptr<Handle>> done) {
    auto place = place_of(context, file);
    if (!place) {
        return done(std::unexpected(std::move(place.error())));
    }
    if (place->kind == PlaceKind::status_file) {
        const auto text = context.status->find(name_of_path(place->path));
        return done(text != nullptr ? HandleResult(status_handle(*text))
                                    : fail(Code::not_found, "no such status file"));
    }
    if (place->kind == PlaceKind::blob) {
        return open_blob(context, *place->hash, std::move(done));
    }
    resolve(context, std::move(*place),
            [context, done = std::move(done)](Result<Node> node) mutable {
                done(then(std::move(node),
                          [&](const Node& found) { return open_node(context, found); }));
            });
}

HandleResult open_document(const Context& context, Ino file) {
    return then(load_document(context, file), [](const auto& document) -> HandleResult {
        return text_handle(std::shared_ptr<const std::string>(document, &document->body));
    });
}

}  // namespace

void open_file(const Context& context, Ino file, Done<std::unique_ptr<Handle>> done) {
    switch (kind_of(file)) {
        case InoKind::entry: return open_entry(context, file, std::move(done));
        case InoKind::path: return open_path(context, file, std::move(done));
        case InoKind::document: return done(open_document(context, file));
    }
    done(fail(Code::stale, "unknown inode number " + std::to_string(file.value)));
}

}  // namespace hubfs::tree
