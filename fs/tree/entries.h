// SPDX-License-Identifier: Apache-2.0
// What is inside a commit: directories and files by commit number and entry number, all from the
// store, never waiting. Knows nothing of paths outside commits.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "fs/base/result.h"
#include "fs/tree/node.h"

namespace hubfs::tree {

// An entry inode found again. Entry 0 is the commit's own directory.
struct Entry {
    meta::CommitView commit;
    meta::EntryView view;
    [[nodiscard]] bool directory() const { return view.number == 0 || view.entry.directory; }
};

// stale when commit or entry is unknown.
[[nodiscard]] Result<Entry> load_entry(const Context& context, Ino ino);

[[nodiscard]] Attributes attributes_of(const Context& context, const meta::CommitView& commit,
                                       const meta::EntryView& view);

// The name below an entry; not_directory below a file.
[[nodiscard]] Result<Lookup> lookup_in_entry(const Context& context, const Entry& parent,
                                             std::string_view name);
[[nodiscard]] Result<std::shared_ptr<const Listing>> list_entry(const Context& context,
                                                                const Entry& directory);

// The directory of a commit, and the file of .trees that holds its tree as text (at `path`).
[[nodiscard]] Result<Node> commit_directory(const Context& context, meta::CommitView commit);
[[nodiscard]] Result<Node> tree_file(const Context& context, const std::string& path,
                                     meta::CommitView commit);

}  // namespace hubfs::tree
