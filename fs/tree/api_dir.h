// SPDX-License-Identifier: Apache-2.0
// .api: public answers of the Hub's API as files. A file is one version of one answer: its inode
// number never means other bytes. Its name lives until the answer expires.
#pragma once

#include <string>

#include "fs/base/result.h"
#include "fs/tree/node.h"
#include "fs/tree/path.h"

namespace hubfs::tree {

// `place` is an api_document. not_found for a target that is not on the allow-list
// (meta::allowed_document). A renewed one has a name for no time: each look asks again.
void resolve_document(const Context& context, Place place, Done<Node> done);

// The version behind an inode number; stale when it is gone, gated or denied when it is about a
// repository that is known not to be public any more.
[[nodiscard]] Result<std::shared_ptr<const meta::Document>> load_document(const Context& context,
                                                                          Ino ino);
[[nodiscard]] Node document_node(const Context& context,
                                 std::shared_ptr<const meta::Document> document);

}  // namespace hubfs::tree
