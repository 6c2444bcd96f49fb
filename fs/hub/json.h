// SPDX-License-Identifier: Apache-2.0
// The Hub's JSON as our types, and our types as the Hub's JSON. Pure; every answer is untrusted:
// sizes, hashes, names and nesting are checked, the first thing wrong is named. Fuzzed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fs/base/result.h"
#include "fs/hub/types.h"

namespace hubfs::hub {

// Whether the body is one JSON value, whatever it says; anything else (also nothing, or a value
// that nests deeper than kJsonDepthMax) is Code::protocol.
[[nodiscard]] Status check_json(std::string_view body);

// `disabled` wins over `private`, both win over `gated`; a gate of an unknown kind is a gate.
[[nodiscard]] Result<RepoInfo> parse_info(std::string_view body);
// One page of a tree listing. A masked listing (64 asterisks) is Code::gated; a path with "..",
// an empty component, NUL, a component over 255 bytes or a duplicate is Code::protocol.
[[nodiscard]] Result<std::vector<TreeEntry>> parse_tree_page(std::string_view body);
// Branches, tags, conversions and, where present, pull requests; names as addresses use them. A
// name that git would refuse or that is there twice is Code::protocol; one too long to be a
// directory entry (contract::encode_ref) is left out.
[[nodiscard]] Result<std::vector<Ref>> parse_refs(std::string_view body);
// The first commit of a commits page: its date (the mtime of everything in it).
[[nodiscard]] Result<Instant> parse_commit_date(std::string_view body, const CommitId& commit);

// One tree item in the Hub's key order (type, oid, size, lfs, xetHash, path), no line feed.
[[nodiscard]] std::string to_json(const TreeEntry& entry);

}  // namespace hubfs::hub
