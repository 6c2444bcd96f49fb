// SPDX-License-Identifier: Apache-2.0
// Request targets of the Hub's API: which are public documents, what they are about, and how ours
// are spelled (hub-api 2.1). Pure; targets come from users and from upstream's Link headers, so
// everything is checked. Fuzzed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fs/base/hub_types.h"

namespace hubfs::meta {

struct Target {
    enum class Kind : std::uint8_t {
        listing,  // of repositories, tags, a search: about no single repository
        info,     // a repository's own answer with every field: its state can be read from it
        refs,     // the branches and tags
        of_repo,  // anything else about one repository
    };
    Kind kind = Kind::listing;
    RepoKey repo;          // empty id for listings
    std::string revision;  // info: decoded; empty when the address names none
    bool query = false;    // it has a query
};

// What the target is, or nothing when it may not be kept as a document.
[[nodiscard]] std::optional<Target> parse_target(std::string_view target);

[[nodiscard]] std::string info_target(const RepoKey& repo);
[[nodiscard]] std::string revision_target(const RepoKey& repo, std::string_view revision);
[[nodiscard]] std::string refs_target(const RepoKey& repo);
[[nodiscard]] std::string tree_target(const RepoKey& repo, const CommitId& commit);
[[nodiscard]] std::string commit_target(const RepoKey& repo, const CommitId& commit);

// A name that can be a branch, a tag or another revision: not empty, bounded, no control bytes.
[[nodiscard]] bool valid_revision(std::string_view name);

// The origin-form of the `rel="next"` address in a Link header (RFC 8288), whatever host it names;
// nothing when there is none or it is not usable.
[[nodiscard]] std::optional<std::string> next_page(std::string_view link);
[[nodiscard]] std::string_view path_of(std::string_view target);

}  // namespace hubfs::meta
