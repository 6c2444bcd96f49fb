// SPDX-License-Identifier: Apache-2.0
#include "fs/tree/api_dir.h"

#include "fs/meta/target.h"
#include "fs/tree/resolve.h"
#include "fs/tree/validity.h"

namespace hubfs::tree {

namespace {

// "There is no such repository" is an answer that anybody may read; the other states are not.
Status readable(const Context& context, const meta::Document& document) {
    const auto about = meta::parse_target(document.target);
    if (!about || about->repo.id.empty()) {
        return {};
    }
    Status open = known_public(context, about->repo);
    return open || open.error().code == Code::not_found ? Status{} : open;
}

}  // namespace

void resolve_document(const Context& context, Place place, Done<Node> done) {
    if (!meta::allowed_document(place.target)) {
        return done(fail(Code::not_found, place.target + " is not offered as a file"));
    }
    auto answer = [context, renewed = place.renewed, done = std::move(done)](
                      Result<std::shared_ptr<const meta::Document>> document) mutable {
        if (!document) {
            return done(std::unexpected(std::move(document.error())));
        }
        Node node = document_node(context, std::move(*document));
        if (renewed) {
            node.valid = Milliseconds::zero();
        }
        done(std::move(node));
    };
    if (place.renewed) {
        return context.catalog.renewed_document(std::move(place.target), std::move(answer));
    }
    context.catalog.document(std::move(place.target), std::move(answer));
}

Result<std::shared_ptr<const meta::Document>> load_document(const Context& context, Ino ino) {
    auto document = context.catalog.document_by_number(major_of(ino), minor_of(ino));
    if (!document && document.error().code == Code::not_found) {
        return fail(Code::stale, "unknown inode number " + std::to_string(ino.value));
    }
    if (document) {
        if (const Status open = readable(context, **document); !open) {
            return std::unexpected(open.error());
        }
    }
    return document;
}

Node document_node(const Context& context, std::shared_ptr<const meta::Document> document) {
    const auto valid = until(document->fresh.expires, context.clock.now());
    Node node;
    node.attributes = {.ino = document_ino(document->number, document->version),
                       .kind = NodeKind::file,
                       .size_bytes = document->body.size(),
                       .cached_bytes = document->body.size(),
                       .mtime = document->fresh.checked,
                       .valid = valid};
    node.valid = valid;
    node.document = std::move(document);
    return node;
}

}  // namespace hubfs::tree
