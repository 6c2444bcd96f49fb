// SPDX-License-Identifier: Apache-2.0
// What a place outside commits is right now, decided with the catalogue: namespaces, repositories,
// their links, revisions, .trees files and .api documents. Thread-safe; answers inline when the
// catalogue does.
//
// Errors: not_found where the thing is absent; gated and denied below a repository that is not
// public; stale below a repository that has another name by now (the kernel then walks the path
// again and meets the link); upstream's failures as they are.
#pragma once

#include <optional>
#include <string>

#include "fs/base/result.h"
#include "fs/tree/node.h"
#include "fs/tree/path.h"

namespace hubfs::tree {

void resolve(const Context& context, Place place, Done<Node> done);

// A directory that is there whatever anybody says. date: nothing when it has none of its own.
[[nodiscard]] Result<Node> static_directory(const Context& context, const std::string& path,
                                            Milliseconds valid, std::optional<Instant> date = {});

// The inode number of a path; the root's is fixed.
[[nodiscard]] Result<Ino> ino_of(const Context& context, const std::string& path);
// The path of such a number; stale when it is unknown.
[[nodiscard]] Result<Place> place_of(const Context& context, Ino ino);

// Whether content and names of a repository in this state may be shown: gated, denied, not_found.
[[nodiscard]] Status public_status(const meta::RepoView& repo);
// The same from what is known here alone, without asking; unknown counts as public.
[[nodiscard]] Status known_public(const Context& context, const RepoKey& repo);
// The same, asked upstream when what is known has expired. A renamed repository stays readable.
void check_public(const Context& context, RepoKey repo, Done<void> done);
// The repository when it is public and still has this name; see Errors.
void public_repo(const Context& context, RepoKey repo, Done<meta::RepoView> done);

}  // namespace hubfs::tree
