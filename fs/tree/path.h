// SPDX-License-Identifier: Apache-2.0
// Paths of the mount outside commits, and what they name by their spelling alone
// (docs/mount_contract.md, "Paths"). Pure; asks nobody whether the thing exists. Fuzzed.
//
// A path has no leading or trailing slash; the root is "". Every path that parses is spelled in
// exactly one way, so a path is also a name for the table of inode numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fs/base/hub_types.h"

namespace hubfs::tree {

enum class PlaceKind : std::uint8_t {
    root,
    type,          // models
    first_name,    // models/<name>: a namespace, or a link to a repository
    no_namespace,  // models/-
    repo,          // models/<org>/<name>, models/-/<name>
    revision,      // models/<org>/<name>/<revision>
    trees,         // .trees; below it type, first_name, no_namespace and repo are found again
    tree,          // .trees/models/<org>/<name>/<40-hex>
    api,           // .api
    api_part,      // .api/<component>+/…, .api/renewed
    api_document,  // .api/…/<component>
    status,        // .status
    status_file,   // .status/<name>
    blobs,         // .blobs
    blob_kind,     // .blobs/sha256, .blobs/git-sha1
    blob,          // .blobs/sha256/<64-hex>, .blobs/git-sha1/<40-hex>
};

struct Place {
    PlaceKind kind = PlaceKind::root;
    bool in_trees = false;
    std::string path;                 // as it was parsed
    RepoKey repo;                     // type of the first five kinds; id of repo, revision, tree;
                                      // id of first_name: that one segment
    std::string revision;             // of revision: decoded, "refs/pr/1"
    std::optional<CommitId> commit;   // of revision and tree, when the name is 40 hex digits
    std::string target;               // of api_document: "/api/models?limit=5"
    bool renewed = false;             // of api_document: below .api/renewed
    std::optional<ContentHash> hash;  // of blob; of blob_kind the kind alone counts
};

// Nothing for a path that names nothing in any repository, whatever the Hub says.
[[nodiscard]] std::optional<Place> parse(std::string_view path);

[[nodiscard]] std::string join(std::string_view directory, std::string_view name);
// "" for the root and for everything directly below it.
[[nodiscard]] std::string_view parent_of(std::string_view path);
[[nodiscard]] std::string_view name_of_path(std::string_view path);

// "models/BAAI/bge-m3", "models/-/gpt2"; with in_trees ".trees/models/BAAI/bge-m3".
[[nodiscard]] std::string path_of(const RepoKey& repo, bool in_trees = false);
// "BAAI" of "BAAI/bge-m3", "-" of "gpt2"; and the last segment of either.
[[nodiscard]] std::string_view namespace_of(const RepoKey& repo);
[[nodiscard]] std::string_view short_name_of(const RepoKey& repo);

// The target of a symlink that stands where `asked` is looked up and leads to `canonical`.
[[nodiscard]] std::string link_between(const RepoKey& asked, const RepoKey& canonical);
// The same for a link at models/<name>.
[[nodiscard]] std::string link_from_type(const RepoKey& canonical);

// What git accepts as a reference (git-check-ref-format(1), rules 1 to 10 but the one-level rule),
// so that .git, .DS_Store and their like never become questions to upstream.
[[nodiscard]] bool valid_revision(std::string_view revision);

}  // namespace hubfs::tree
