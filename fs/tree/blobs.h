// SPDX-License-Identifier: Apache-2.0
// .blobs: contents by their hash, wherever they stand in a tree that is here. A content has as many
// locations as repositories hold it, and is to be had as long as one of these is public. Knows
// nothing of how the locations are found (meta::Catalog::locations). Thread-safe.
//
// Errors: not_found for an unknown hash, without a question; denied when no repository that holds
// the content is public; upstream's failure when that could not be found out; rate_limited while
// the index of an older store is being made.
#pragma once

#include <memory>
#include <vector>

#include "fs/base/result.h"
#include "fs/tree/node.h"
#include "fs/tree/path.h"

namespace hubfs::tree {

// The name of the directory of this kind, below .blobs.
[[nodiscard]] std::string_view blobs_dir(HashKind kind);

// Asks for the state of a repository whose state has expired, one after the other until one is
// public, as a lookup of a repository does. The name lives as long as that state.
void resolve_blob(const Context& context, Place place, Done<Node> done);
// OPEN: the same, and the content is fetched from whichever of the public locations has it.
void open_blob(const Context& context, const ContentHash& hash, Done<std::unique_ptr<Handle>> done);

// From the store alone: what its inode number is, whatever the states (who has it open keeps it);
// stale when there is no location any more.
[[nodiscard]] Result<Node> blob_node(const Context& context, const Place& place);
// From the store alone: the content, if a repository that holds it is public as far as is known.
[[nodiscard]] Result<Content> known_blob(const Context& context, const ContentHash& hash);
// The contents of this kind that a directory lists, by their hash: here as a whole, verified, and
// public as far as is known; kListedBlobsMax at most.
[[nodiscard]] Result<std::vector<Content>> listed_blobs(const Context& context, HashKind kind);

}  // namespace hubfs::tree
