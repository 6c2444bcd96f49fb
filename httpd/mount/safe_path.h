// SPDX-License-Identifier: Apache-2.0
// Paths below the mount, made only from parts that cannot leave it: a repository id of the Hub's
// alphabet, a commit of 40 hex digits, and file paths whose components are checked one by one. The
// result is relative to the mount point. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fs/base/hub_types.h"

namespace httpd::mount {

// "models/acme/tiny", "models/-/gpt2"; nothing for an id the Hub does not know the form of.
[[nodiscard]] std::optional<std::string> repo_path(const hubfs::RepoKey& repo);
// ".trees/models/acme/tiny/<commit>"
[[nodiscard]] std::optional<std::string> tree_path(const hubfs::RepoKey& repo,
                                                   std::string_view commit);
// ".api/<component>[/<component>…]", or the same below .api/renewed; nothing for a target that is
// too long for a path.
[[nodiscard]] std::optional<std::string> document_path(std::string_view target,
                                                       bool renewed = false);

// A decoded path inside a repository: no empty component, no "." or "..", no NUL, at most 255
// bytes a component and 4000 in all.
[[nodiscard]] bool safe_file_path(std::string_view path);

// 40 lower-case hex digits.
[[nodiscard]] bool is_commit(std::string_view text);

// The repository a symlink at repo_path(asked) leads to: its target (as readlink gives it) taken
// from the link's directory. Nothing when that is not a repository of the same type.
[[nodiscard]] std::optional<hubfs::RepoKey> renamed_to(const hubfs::RepoKey& asked,
                                                       std::string_view link_target);

}  // namespace httpd::mount
