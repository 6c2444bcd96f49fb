// SPDX-License-Identifier: Apache-2.0
// A recursive listing as it comes, made into the rows of a commit: numbers in the listing's order
// from 1, parents found, directories that the listing left out synthesised after all others.
// Pure. The listing is untrusted: duplicates and files that are also directories are
// Code::protocol. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fs/base/result.h"
#include "fs/hub/types.h"

namespace hubfs::meta {

// Rows ready to be written; entry n is entries[n - 1].
struct TreeRows {
    std::vector<std::string> entries;    // encoded EntryRow
    std::vector<std::uint32_t> parents;  // of each entry
    // Entry numbers ordered by (parent, name): the order in which `names` is written best.
    std::vector<std::uint32_t> by_name;
    // Each content once, in the order of the table of locations: its files' first entry number.
    std::vector<std::pair<std::uint64_t, std::uint32_t>> contents;
    std::uint64_t trees_bytes = 0;  // exact length of the text of .trees
};

class TreeBuilder {
public:
    // A page of the listing, paths already checked by hub::parse_tree_page.
    Status add(const std::vector<hub::TreeEntry>& page);
    [[nodiscard]] std::size_t size() const { return rows_.entries.size(); }
    // Ends the builder.
    [[nodiscard]] Result<TreeRows> finish();

private:
    Status append(const hub::TreeEntry& entry, bool synthesised);
    Result<std::uint32_t> parent_of(const std::string& path);

    TreeRows rows_;
    std::vector<std::string> paths_;  // of each entry
    std::unordered_map<std::string, std::uint32_t> directories_;
};

// The part of a path before its last component, empty at the top; and that component.
[[nodiscard]] std::string_view directory_of(std::string_view path);
[[nodiscard]] std::string_view name_in(std::string_view path);

}  // namespace hubfs::meta
